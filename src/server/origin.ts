import type { FastifyRequest } from 'fastify';
import { HttpError } from './http-error.ts';

const CHANGES_NOTHING = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Stops pages of other sites from changing something with what the browser of a visitor may do: be on this machine, or
 * send a key that it keeps (Basic). Browsers say which page a changing request comes from; programs say nothing.
 *
 * @throws HttpError FOREIGN_ORIGIN unless the page is our own, or one of those that are allowed
 */
export function assertOrigin({ method, headers }: FastifyRequest, allowed: readonly string[] = []): void {
  const { origin, host } = headers;
  if (origin === undefined || CHANGES_NOTHING.has(method)) return;
  if (allowed.includes(origin) || hostOf(origin) === host) return;
  throw new HttpError('FOREIGN_ORIGIN', {
    hint: 'Origins of other pages that may use the API stand in `server.cors.origins`',
  });
}

/** The scheme is left out: a proxy may speak TLS for us. */
const hostOf = (origin: string): string => origin.replace(/^https?:\/\//, '');
