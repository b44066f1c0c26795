import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Vitals } from '../broker/vitals.ts';
import { monotonicMs } from '../lib/clock.ts';
import { versions } from '../lib/version.ts';
import { record, refTo } from './answer-schemas.ts';
import { type Route, route, type ServerContext } from './route.ts';
import { oneOf } from './schema.ts';

export interface Health {
  status: 'ok' | 'unavailable';
  redis: {
    ok: boolean;
    /** `null` when it does not answer. */
    roundTripMs: number | null;
    /** Why it answers and is not fit to keep jobs. */
    fault?: string;
  };
  version: string;
  /** Seconds since the server began to listen. */
  uptime: number;
}

const example: Health = { status: 'ok', redis: { ok: true, roundTripMs: 0.21 }, version: '0.1.0', uptime: 3600 };
const away: Health = { ...example, status: 'unavailable', redis: { ok: false, roundTripMs: null } };

const ready = {
  method: 'GET',
  scope: 'public',
  tag: 'server',
  answers: {
    200: { description: 'Jobs can be taken', schema: refTo('Health'), example },
    503: { description: 'Redis does not answer', schema: refTo('Health'), example: away },
  },
  handle: reportHealth,
} as const;

export const HEALTH_ROUTES: readonly Route[] = [
  route({ ...ready, url: '/health', operation: 'getHealth', summary: 'Whether jobs can be taken' }),
  // The name that Kubernetes taught people.
  route({ ...ready, url: '/readyz', operation: 'getReadiness', summary: 'Whether to send requests here' }),
  route({
    method: 'GET',
    url: '/livez',
    scope: 'public',
    operation: 'getLiveness',
    tag: 'server',
    summary: 'Whether the process is alive',
    answers: {
      200: { description: 'It is', schema: record({ status: oneOf(['ok']) }), example: { status: 'ok' } },
    },
    // It must not look at Redis: restarting the server mends no Redis.
    handle: async () => ({ status: 'ok' }),
  }),
];

async function reportHealth(
  { vitals, startedAtMs }: ServerContext,
  _request: FastifyRequest,
  reply: FastifyReply,
): Promise<Health> {
  const redis = await vitals.refresh().then(reportRedis, () => ({ ok: false, roundTripMs: null }));
  reply.code(redis.ok ? 200 : 503);
  return {
    status: redis.ok ? 'ok' : 'unavailable',
    redis,
    version: versions().jobqueue,
    uptime: Math.floor((monotonicMs() - startedAtMs) / 1000),
  };
}

const reportRedis = ({ roundTripMs, fault }: Vitals): Health['redis'] => ({
  ok: fault === undefined,
  roundTripMs: Math.round(roundTripMs * 100) / 100,
  ...(fault === undefined ? {} : { fault }),
});
