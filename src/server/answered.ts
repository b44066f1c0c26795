import type { FastifyInstance, FastifyRequest } from 'fastify';
import { monotonicMs } from '../lib/clock.ts';

/** A request that is over. */
export interface Answered {
  readonly request: FastifyRequest;
  /** The pattern of its route's path; without one there is no such route. */
  readonly route: string | undefined;
  /** `null` when the caller hung up before the answer. */
  readonly status: number | null;
  readonly ms: number;
}

/**
 * Tells `watchers` of each request when it is over, and counts those that are not.
 * @returns a function that resolves when no request is being answered
 */
export function watchAnswers(
  app: FastifyInstance,
  watchers: readonly ((answered: Answered) => void)[],
): () => Promise<void> {
  let open = 0;
  const { promise: settled, resolve } = Promise.withResolvers<void>();
  let isAwaited = false;

  app.addHook('onRequest', (request, reply, done) => {
    const startedAt = monotonicMs();
    const { url: route } = request.routeOptions;
    open += 1;
    reply.raw.on('close', () => {
      open -= 1;
      const { writableFinished, statusCode } = reply.raw;
      const answered = { request, route, status: writableFinished ? statusCode : null, ms: monotonicMs() - startedAt };
      for (const watch of watchers) watch(answered);
      if (isAwaited && open === 0) resolve();
    });
    done();
  });
  return () => {
    isAwaited = true;
    if (open === 0) resolve();
    return settled;
  };
}
