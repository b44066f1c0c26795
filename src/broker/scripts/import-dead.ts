import { createScript } from '../script.ts';

/**
 * Makes jobs dead letters that were taken out of Redis before, with all that belongs to them.
 *
 *   KEYS[1] failed  KEYS[2] id, BullMQ's counter
 *   ARGV[1] stem of the job keys, `bull:mail:`   ARGV[2] stem of the keys of `once`
 *   ARGV[3…] of each job: id, score, and as JSON its fields, its log lines, its recorded steps
 *   Returns of each 'imported', 'present' when it is there as the same dead letter, 'taken' when another job has its id.
 *   Cost: O(log n) and the size of what is written.
 */
export const IMPORT_DEAD = createScript(
  `
local function flatten(fields)
  local flat = {}
  for field, value in pairs(fields) do flat[#flat + 1], flat[#flat + 2] = field, value end
  return flat
end
local outcomes = {}
for index = 3, #ARGV, 5 do
  local id, score = ARGV[index], ARGV[index + 1]
  local job = ARGV[1] .. id
  local outcome = 'imported'
  if redis.call('EXISTS', job) == 1 then
    outcome = redis.call('ZSCORE', KEYS[1], id) == score and 'present' or 'taken'
  else
    local logs, once = cjson.decode(ARGV[index + 3]), flatten(cjson.decode(ARGV[index + 4]))
    redis.call('HSET', job, unpack(flatten(cjson.decode(ARGV[index + 2]))))
    for _, line in ipairs(logs) do redis.call('RPUSH', job .. ':logs', line) end
    if #once > 0 then redis.call('HSET', ARGV[2] .. id, unpack(once)) end
    redis.call('ZADD', KEYS[1], score, id)
    -- BullMQ takes a new job whose number is in use for a repetition, and drops it.
    if string.match(id, '^%d+$') and tonumber(id) > tonumber(redis.call('GET', KEYS[2]) or 0) then redis.call('SET', KEYS[2], id) end
  end
  outcomes[#outcomes + 1] = outcome
end
return outcomes
`,
  2,
);
