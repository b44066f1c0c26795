import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { monotonicMs } from '../lib/clock.ts';
import { cleanText } from '../lib/text.ts';
import { uuidV7 } from '../lib/uuid.ts';

// It has to be told from others, not hard to guess: a beginning that no other process has, and a number.
const BEGINNING = uuidV7().slice(0, 20);
let requests = 0;
const makeId = (): string => BEGINNING + (requests += 1).toString(16).padStart(12, '0');

/** The caller's `x-request-id` where it is a plain one, so that a request can be followed through proxies; else one of our own. */
export function requestIdOf({ headers }: IncomingMessage): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && /^[\w.-]{1,64}$/.test(given) ? given : makeId();
}

/** Statuses of which one wants to know where they were caused: somebody may be trying keys. */
const REFUSALS = new Set<number | null>([401, 403, 421, 429]);

/**
 * Writes one line per request, with the name of the key that came with it, also when the caller hung up before the answer
 * (`status` is null then), and sends the request's id back. Query values, headers and bodies are never logged: they may hold what is not ours to keep.
 */
export function logRequests(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    const startedAt = monotonicMs();
    const { id, method, url, log } = request;
    const path = cleanText(url.split('?', 1)[0]!.slice(0, 200));
    reply.header('x-request-id', id);
    reply.raw.once('close', () => {
      const status = reply.raw.writableFinished ? reply.raw.statusCode : null;
      const who = request.caller?.key === undefined ? {} : { who: request.caller.who };
      const from = REFUSALS.has(status) ? { address: request.ip } : {};
      log.info({ method, path, ...who, ...from, status, ms: Math.round(monotonicMs() - startedAt) }, 'request');
    });
    done();
  });
}
