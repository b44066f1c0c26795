import { createScript } from '../script.ts';

/** Jobs of one queue that are looked at: some of each state, the more the more it has. */
const LEAST_OF_STATE = 2;
const SPREAD = 44;
/** Fields of one job that are looked at; more than BullMQ gives any. */
const MOST_FIELDS = 100;

/**
 * What queues take of the memory of Redis, told from samples: jobs drawn from all over the lists of their states.
 *
 *   KEYS[…] stems of BullMQ's keys, `bull:mail:`, any number; it reads what is named under them, and some jobs of each
 *   Returns of each queue a list of numbers, in the order of JOB_STATES for each state how many jobs there are, the bytes of
 *   their list, how many were drawn, and the bytes of those with their logs; before these the bytes of all that is no job and no
 *   list of jobs. Nothing where MEMORY is refused.
 *   Cost: O(1) but for finding the middle of a list of waiting jobs, at most 100 times MEMORY USAGE: some 0.3 ms a queue.
 */
export const MEASURE_QUEUES = createScript(
  `
local seconds, micros = unpack(redis.call('TIME'))
math.randomseed((tonumber(seconds) % 1000) * 1000000 + tonumber(micros))

local is_refused = false
local function bytes(key, ...)
  local reply = redis.pcall('MEMORY', 'USAGE', key, ...)
  if type(reply) == 'table' then is_refused = true end
  return type(reply) == 'number' and reply or 0
end
local function number(...)
  local reply = redis.pcall(...)
  return type(reply) == 'number' and reply or 0
end
local function at_rank(key, is_list, rank)
  if is_list then return redis.call('LINDEX', key, rank) end
  return redis.call('ZRANGE', key, rank, rank)[1]
end

local STATES = {
  { 'wait', true }, { 'prioritized' }, { 'delayed' }, { 'waiting-children' }, { 'active', true }, { 'completed' }, { 'failed' },
}
local function measure(stem)
  local looks, total = {}, 0
  for index, state in ipairs(STATES) do
    local key, is_list = stem .. state[1], state[2]
    -- Where BullMQ 5 keeps the waiting of a paused queue.
    if index == 1 and number('LLEN', stem .. 'paused') > 0 then key = stem .. 'paused' end
    local count = number(is_list and 'LLEN' or 'ZCARD', key)
    looks[index] = { key, is_list, count }
    total = total + count
  end
  local result = { bytes(stem .. 'events') + bytes(stem .. 'meta') + bytes(stem .. 'repeat') }
  for _, look in ipairs(looks) do
    local key, is_list, count = unpack(look)
    local drawn, size = 0, 0
    if count > 0 then drawn = math.min(count, ${LEAST_OF_STATE} + math.floor(${SPREAD} * count / total)) end
    -- One from each of as many equal parts: jobs that were added one after another are often alike.
    for part = 0, drawn - 1 do
      local rank = math.min(count - 1, math.floor((part + math.random()) * count / drawn))
      local job = at_rank(key, is_list, rank)
      if job then
        size = size + bytes(stem .. job, 'SAMPLES', ${MOST_FIELDS})
        -- The logs of every second one stand for those of the other.
        if part % 2 == 0 then size = size + bytes(stem .. job .. ':logs') * (part + 1 < drawn and 2 or 1) end
      end
    end
    for _, value in ipairs({ count, count > 0 and bytes(key) or 0, drawn, size }) do result[#result + 1] = value end
  end
  return is_refused and {} or result
end
local measured = {}
for index, stem in ipairs(KEYS) do measured[index] = measure(stem) end
return measured
`,
  1,
);
