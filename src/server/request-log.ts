import type { IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import { cleanText } from '../lib/text.ts';
import { uuidV7 } from '../lib/uuid.ts';
import type { Answered } from './answered.ts';

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
 * Writes one line per request, with the name of the key that came with it, also when the caller hung up before the answer.
 * Query values, headers and bodies are never logged: they may hold what is not ours to keep.
 */
export const createRequestLog =
  (log: Logger) =>
  ({ request, status, ms }: Answered): void => {
    const { id, method, url, caller, ip } = request;
    const query = url.indexOf('?');
    const path = cleanText((query === -1 ? url : url.slice(0, query)).slice(0, 200));
    const who = caller?.key === undefined ? undefined : caller.who;
    const address = REFUSALS.has(status) ? ip : undefined;
    log.info({ requestId: id, method, path, who, address, status, ms: Math.round(ms) }, 'request');
  };
