import { ENGINE_SOURCES } from '../engine-scripts.ts';
import { createScript } from '../script.ts';

/** What the script answers for a job that is not pending. */
export const NOT_PENDING = -100;

/**
 * Makes a dead letter of a job that waits for its turn, atomically: takes it from where it waits, as a worker does, and
 * then lets BullMQ's `moveToFinished` do what it does for a failed job (parents, deduplication, events, metrics).
 * The attempt that it counts is taken off before.
 *
 *   KEYS and ARGV as BullMQ's moveToFinished; ARGV[10] the token of the lock
 *   Returns as moveToFinished, or {@link NOT_PENDING}.
 *   Cost: O(n) in the length of `wait` for a waiting job, O(log n) for others
 */
export const CANCEL_PENDING = createScript(
  `
if redis.call('LREM', KEYS[1], 1, ARGV[1]) + redis.call('LREM', KEYS[8], 1, ARGV[1]) + redis.call('ZREM', KEYS[3], ARGV[1]) + redis.call('ZREM', KEYS[7], ARGV[1]) == 0 then
  return ${NOT_PENDING}
end
redis.call('LPUSH', KEYS[2], ARGV[1])
redis.call('SET', KEYS[12] .. ':lock', ARGV[10], 'PX', 1000)
redis.call('HINCRBY', KEYS[12], 'atm', -1)
${ENGINE_SOURCES.moveToFinished}`,
  14,
);
