import { createScript } from '../script.ts';

// A step of a job is one field of a hash: `R<fence>` while it runs, `U<fence>` while it runs and nobody knows whether an
// earlier start did it, `D<result>` when its result is recorded. Each script may be sent twice, as after an answer that
// got lost: the second time it changes nothing and answers the same.

/**
 * Begins a step.
 *
 *   KEYS[1] hash of the job's steps   ARGV[1] step   ARGV[2] fence of this start of the job   ARGV[3] time to live (ms)
 *   Returns {'done', result} · {'run'} · {'run-again'} when an earlier start began it and its end is not known ·
 *   {'fenced'} when a later start is at it. Cost: O(1).
 */
export const BEGIN_STEP = createScript(
  `
local held = redis.call('HGET', KEYS[1], ARGV[1])
local mark = 'R'
if held then
  if string.sub(held, 1, 1) == 'D' then return {'done', string.sub(held, 2)} end
  local fence = tonumber(string.sub(held, 2))
  if fence > tonumber(ARGV[2]) then return {'fenced'} end
  if fence < tonumber(ARGV[2]) then mark = 'U' else mark = string.sub(held, 1, 1) end
end
redis.call('HSET', KEYS[1], ARGV[1], mark .. ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return {mark == 'U' and 'run-again' or 'run'}
`,
  1,
);

/**
 * Ends a step, if it is still this start's.
 *
 *   KEYS[1] hash of the job's steps   ARGV[1] step   ARGV[2] fence   ARGV[3] result (JSON)
 *   Returns 1, or 0 when a later start has taken it over: nothing is recorded then. Cost: O(1).
 */
export const END_STEP = createScript(
  `
local held = redis.call('HGET', KEYS[1], ARGV[1])
if held == 'D' .. ARGV[3] then return 1 end
if held ~= 'R' .. ARGV[2] and held ~= 'U' .. ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], 'D' .. ARGV[3])
return 1
`,
  1,
);
