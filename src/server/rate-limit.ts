import rateLimit, { type FastifyRateLimitStore, normalizeIP } from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { countRequest } from '../broker/count-requests.ts';
import { toError } from '../errors.ts';
import type { Project } from '../jobs/project.ts';
import { renderDuration } from '../lib/duration.ts';
import { HttpError } from './http-error.ts';

/** Counts a request of a known caller, and says in the answer's headers what is left. @throws HttpError RATE_LIMITED */
export type RequestLimit = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

/** The limit of `server.rateLimit`: for each key, over all servers of this Redis; without keys, for each address. */
export async function createRequestLimit(
  app: FastifyInstance,
  { config, broker }: Project,
): Promise<RequestLimit | undefined> {
  const { max, per } = config.values.server.rateLimit;
  if (max === undefined) return undefined;

  class Counts implements FastifyRateLimitStore {
    incr(caller: string, done: Parameters<FastifyRateLimitStore['incr']>[1]): void {
      countRequest(broker, caller, per).then(
        ({ count, endsInMs }) => done(null, { current: count, ttl: endsInMs }),
        (error: unknown) => done(toError(error)),
      );
    }
    child(): this {
      return this;
    }
  }
  await app.register(rateLimit, {
    global: false,
    max,
    timeWindow: per,
    store: Counts,
    enableDraftSpec: true,
    keyGenerator: ({ caller, ip }) => caller?.key ?? normalizeIP(ip ?? ''),
    errorResponseBuilder: (_request, { ttl }) =>
      new HttpError('RATE_LIMITED', {
        message: `Expected at most ${max} requests in ${renderDuration(per)}`,
        hint: `Come back in ${Math.ceil(ttl / 1000)} s`,
      }),
  });
  const limit = app.rateLimit();
  return async (request, reply) => limit.call(app, request, reply);
}
