import type { FastifyReply } from 'fastify';
import type { ServerContext } from './route.ts';

/**
 * Aborts when the caller has hung up or has its answer, or the server is told to stop. The request's own signal would
 * abort as soon as a body was read.
 */
export function untilGone({ stopping }: ServerContext, { raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  const abort = (): void => gone.abort();
  if (stopping.aborted) abort();
  // A combined signal would stay with `stopping` for as long as that lives.
  stopping.addEventListener('abort', abort, { once: true });
  raw.once('close', () => {
    stopping.removeEventListener('abort', abort);
    abort();
  });
  return gone.signal;
}
