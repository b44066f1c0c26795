import { createScript } from '../script.ts';

/**
 * Writes into a bucket, once, how many jobs had been added to its queue by then: two such marks tell how fast jobs come in.
 *
 *   KEYS[1] the bucket  KEYS[2] BullMQ's counter of all jobs that were ever added to the queue
 *   ARGV[1] now, epoch ms
 *   Returns 1 when it did. Cost: O(1).
 */
export const MARK_ADDED = createScript(
  `
if redis.call('HSETNX', KEYS[1], 'at', ARGV[1]) == 0 then return 0 end
local added = redis.pcall('GET', KEYS[2])
redis.call('HSET', KEYS[1], 'added', type(added) == 'string' and added or '0')
return 1
`,
  2,
);
