import { ENGINE_SOURCES } from '../engine-scripts.ts';
import { createScript } from '../script.ts';

/** What the script answers for a job that is not pending, and for the next one of a scheduler. */
export const NOT_PENDING = -100;
export const OF_SCHEDULER = -101;

/**
 * Makes a dead letter of a job that waits for its turn, atomically: takes it from where it waits, as a worker does, and
 * then lets BullMQ's `moveToFinished` do what it does for a failed job (parents, deduplication, events, metrics).
 * The attempt that it counts is taken off before. The next job of a scheduler stays: without its start there is none after it.
 *
 *   KEYS and ARGV as BullMQ's moveToFinished; KEYS[15] repeat; ARGV[10] the token of the lock
 *   Returns as moveToFinished, or {@link NOT_PENDING} or {@link OF_SCHEDULER}.
 *   Cost: O(n) in the jobs that came to \`wait\` after a waiting job, O(log n) for others
 */
export const CANCEL_PENDING = createScript(
  `
local scheduler = redis.call('HGET', KEYS[12], 'rjk')
local next_at = scheduler and redis.call('ZSCORE', KEYS[15], scheduler)
if next_at and ARGV[1] == 'repeat:' .. scheduler .. ':' .. next_at then return ${OF_SCHEDULER} end
if redis.call('LREM', KEYS[1], 1, ARGV[1]) + redis.call('LREM', KEYS[8], 1, ARGV[1]) + redis.call('ZREM', KEYS[3], ARGV[1]) + redis.call('ZREM', KEYS[7], ARGV[1]) == 0 then
  return ${NOT_PENDING}
end
redis.call('LPUSH', KEYS[2], ARGV[1])
redis.call('SET', KEYS[12] .. ':lock', ARGV[10], 'PX', 1000)
redis.call('HINCRBY', KEYS[12], 'atm', -1)
${ENGINE_SOURCES.moveToFinished}`,
  15,
);
