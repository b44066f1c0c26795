import { createScript } from '../script.ts';

/**
 * What can be seen of a queue from outside, at one moment: for scrapes, which must not take a round trip for each figure.
 *
 *   KEYS[1] wait  KEYS[2] prioritized  KEYS[3] delayed  KEYS[4] waiting-children  KEYS[5] active  KEYS[6] completed
 *   KEYS[7] failed  KEYS[8] meta: in the order of JOB_STATES
 *   ARGV[1] stem of the job keys, `bull:mail:`
 *   Returns how many jobs are under each of the first seven keys; 1 when paused, else 0; when the job that stands at the head
 *   of `wait` was added and its delay, in milliseconds, as texts: both are missing when none waits.
 *   A key that another program filled with something else counts as empty. Cost: O(1).
 */
export const READ_QUEUE = createScript(
  `
local function number(...)
  local reply = redis.pcall(...)
  return type(reply) == 'number' and reply or 0
end
local seen = {
  number('LLEN', KEYS[1]), number('ZCARD', KEYS[2]), number('ZCARD', KEYS[3]), number('ZCARD', KEYS[4]),
  number('LLEN', KEYS[5]), number('ZCARD', KEYS[6]), number('ZCARD', KEYS[7]), number('HEXISTS', KEYS[8], 'paused'),
}
local head = redis.pcall('LINDEX', KEYS[1], -1)
if type(head) == 'string' then
  local times = redis.pcall('HMGET', ARGV[1] .. head, 'timestamp', 'delay')
  if not times.err and times[1] then
    seen[9] = times[1]
    seen[10] = times[2] or '0'
  end
end
return seen
`,
  8,
);
