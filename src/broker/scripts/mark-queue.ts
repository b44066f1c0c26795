import { createScript } from '../script.ts';

/**
 * Writes into a bucket, once, how many jobs had been added to its queue and how many waited by then: from two such marks can
 * be told how fast jobs come in, and how fast what waits grows or shrinks.
 *
 *   KEYS[1] the bucket  KEYS[2] BullMQ's counter of all jobs that were ever added to the queue
 *   KEYS[3] wait  KEYS[4] prioritized  KEYS[5] paused: where BullMQ 5 keeps the waiting of a paused queue
 *   ARGV[1] now, epoch ms
 *   Returns 1 when it did. A key that another program filled with something else counts as empty. Cost: O(1).
 */
export const MARK_QUEUE = createScript(
  `
if redis.call('HSETNX', KEYS[1], 'at', ARGV[1]) == 0 then return 0 end
local function number(...)
  local reply = redis.pcall(...)
  return type(reply) == 'number' and reply or 0
end
local added = redis.pcall('GET', KEYS[2])
local waiting = number('LLEN', KEYS[3]) + number('ZCARD', KEYS[4]) + number('LLEN', KEYS[5])
redis.call('HSET', KEYS[1], 'added', type(added) == 'string' and added or '0', 'waiting', waiting)
return 1
`,
  5,
);
