import { createScript } from '../script.ts';

/**
 * What can be seen of a queue from outside, at one moment: for who looks often, and must not take a round trip for each figure.
 *
 *   KEYS[1] wait  KEYS[2] prioritized  KEYS[3] delayed  KEYS[4] waiting-children  KEYS[5] active  KEYS[6] completed
 *   KEYS[7] failed  (in the order of JOB_STATES)  KEYS[8] meta  KEYS[9] id
 *   KEYS[10] paused: where BullMQ 5 keeps the waiting of a paused queue
 *   ARGV[1] stem of the job keys, `bull:mail:`
 *   Returns
 *     how many jobs are under each of the first seven keys; those of a paused queue of BullMQ 5 count as waiting
 *     how many were ever added
 *     of meta: paused, concurrency, max, duration; each null where it is not there
 *     of the job that waits longest: when it was added and its delay, in ms; nothing when none waits
 *     of the job that died last: its id and when that was; nothing when none is dead
 *   A key that another program filled with something else counts as empty. Cost: O(1).
 */
export const READ_QUEUE = createScript(
  `
local function number(...)
  local reply = redis.pcall(...)
  return type(reply) == 'number' and reply or 0
end
local function list(...)
  local reply = redis.pcall(...)
  return (type(reply) == 'table' and not reply.err) and reply or {}
end
local legacy = number('LLEN', KEYS[10])
local counts = {
  number('LLEN', KEYS[1]) + legacy, number('ZCARD', KEYS[2]), number('ZCARD', KEYS[3]), number('ZCARD', KEYS[4]),
  number('LLEN', KEYS[5]), number('ZCARD', KEYS[6]), number('ZCARD', KEYS[7]),
}
local added = redis.pcall('GET', KEYS[9])
local oldest = {}
local head = counts[1] > 0 and redis.pcall('LINDEX', legacy > 0 and KEYS[10] or KEYS[1], -1)
if type(head) == 'string' then
  local times = list('HMGET', ARGV[1] .. head, 'timestamp', 'delay')
  if times[1] then oldest = { times[1], times[2] or '0' } end
end
return {
  counts,
  type(added) == 'string' and added or '0',
  list('HMGET', KEYS[8], 'paused', 'concurrency', 'max', 'duration'),
  oldest,
  counts[7] > 0 and list('ZREVRANGE', KEYS[7], 0, 0, 'WITHSCORES') or {},
}
`,
  10,
);
