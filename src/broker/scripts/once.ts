import { createScript } from '../script.ts';

// A step of a job is one field of a hash: `R<fence>` while it runs, `D<result>` when its result is recorded.

/**
 * Begins a step.
 *
 *   KEYS[1] hash of the job's steps   ARGV[1] step   ARGV[2] fence of this start of the job   ARGV[3] time to live (ms)
 *   Returns {'done', result} · {'run'} · {'run-again'} when an earlier start began it and its end is not known ·
 *   {'busy'} when this start is at it already · {'fenced'} when a later start is. Cost: O(1).
 */
export const BEGIN_STEP = createScript(
  `
local held = redis.call('HGET', KEYS[1], ARGV[1])
local state = 'run'
if held then
  if string.sub(held, 1, 1) == 'D' then return {'done', string.sub(held, 2)} end
  local fence = tonumber(string.sub(held, 2))
  if fence > tonumber(ARGV[2]) then return {'fenced'} end
  if fence == tonumber(ARGV[2]) then return {'busy'} end
  state = 'run-again'
end
redis.call('HSET', KEYS[1], ARGV[1], 'R' .. ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return {state}
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
if redis.call('HGET', KEYS[1], ARGV[1]) ~= 'R' .. ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], 'D' .. ARGV[3])
return 1
`,
  1,
);
