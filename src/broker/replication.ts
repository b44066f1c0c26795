import { JobQueueError } from '../errors.ts';
import type { RedisTarget } from './target.ts';

/** Who cannot have it by then may be gone; and until then nobody else is served on the connection. */
export const REPLICATED_WITHIN_MS = 500;

/**
 * Does some writes to the places of these keys, and returns when so many replicas have them.
 * @throws JobQueueError REDIS_REFUSED when that is not known
 */
export type Replicated = <Result>(
  whereTo: { replicas: number; keys: readonly string[] },
  write: () => Promise<Result>,
) => Promise<Result>;

/**
 * @param connection what is another one after each break: then nobody knows what became of the writes before it
 * @param wait `WAIT` on that connection
 */
export function createReplicated(
  target: RedisTarget,
  connection: () => unknown,
  wait: (replicas: number) => Promise<number>,
): Replicated {
  // One serves all that was written before it.
  let next: Promise<number> | undefined;
  return async ({ replicas }, write) => {
    const before = connection();
    const result = await write();
    next ??= new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      next = undefined;
      return wait(replicas);
    });
    const amount = await next;
    if (amount >= replicas && connection() === before) return result;
    throw tooFewReplicas(target, connection() === before ? amount : undefined, replicas);
  };
}

/** @param amount how many there were, if that is known */
export const tooFewReplicas = (target: RedisTarget, amount: number | undefined, replicas: number): JobQueueError =>
  new JobQueueError(
    'REDIS_REFUSED',
    `Redis at ${target.label} refused: ${amount === undefined ? 'its master changed meanwhile' : `${amount} of ${replicas} replicas took it in time`}`,
    { hint: 'It may be stored nevertheless: try again with the same id' },
  );
