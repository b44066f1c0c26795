import { ENGINE_SOURCES } from '../engine-scripts.ts';
import { createScript } from '../script.ts';

/**
 * Adds many jobs to one queue, as so many calls of BullMQ's `addStandardJob`, `addPrioritizedJob` and `addDelayedJob` would:
 * the same keys, the same events in the same order. What is the same for all of them is done once. For jobs without
 * parent and deduplication key.
 *
 *   KEYS[1] wait  [2] active  [3] prioritized  [4] delayed  [5] events  [6] meta  [7] id  [8] pc  [9] marker
 *   ARGV[1] stem of the job keys, `bull:mail:`
 *   ARGV[2] JSON: a list of runs, each of jobs that differ in no more than id and payload:
 *     type, BullMQ's options as JSON from behind the id on, created at (ms), delay (ms), priority, all of them texts, and
 *     how many jobs there are
 *   ARGV[3] for each job its id, ASCII's unit separator, payload as JSON, ASCII's record separator: JSON has neither. A
 *     text, where MessagePack would be bytes: what is sent as bytes is copied twice, and stays until the next collection
 *     of the whole heap
 *   Returns nothing. A job that is there already stays as it is.
 *   Cost: three commands for a job that can run at once, seven for others; at most 5,000 jobs
 */
export const ADD_MANY = createScript(
  `${ENGINE_SOURCES.functions}
local wait, active, prioritized, delayed, events = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local meta, pc, marker = KEYS[6], KEYS[8], KEYS[9]
local stem, runs = ARGV[1], cjson.decode(ARGV[2])

local ids, jobs, payloads, run_of = {}, {}, {}, {}
for id, payload in string.gmatch(ARGV[3], '([^\\31]*)\\31([^\\30]*)\\30') do
  ids[#ids + 1], jobs[#jobs + 1], payloads[#payloads + 1] = id, stem .. id, payload
end
for _, run in ipairs(runs) do
  for _ = 1, run[6] do run_of[#run_of + 1] = run end
end
-- Most often none of them is there. What fails must fail before the first write: nothing undoes half of a script.
local exists = {}
if rcall('EXISTS', unpack(jobs)) > 0 then
  for number, job in ipairs(jobs) do
    exists[ids[number]] = rcall('EXISTS', job) == 1
    if exists[ids[number]] then rcall('HGET', job, 'name') end
  end
end
rcall('INCRBY', KEYS[7], #ids)
local max_events = getOrSetMaxEvents(meta)
local is_closed = isQueuePausedOrMaxed(meta, active)

-- All hashes, then all events: what is alike is quicker done in a row, by a twentieth of the whole.
local is_new = {}
for number, id in ipairs(ids) do
  is_new[number] = not exists[id]
  if is_new[number] then
    exists[id] = true
    local name, options, created_at, delay, priority = unpack(run_of[number])
    rcall('HSET', jobs[number], 'name', name, 'data', payloads[number], 'opts', '{"jobId":"' .. id .. options,
      'timestamp', created_at, 'delay', delay, 'priority', priority)
  end
end

local waiting = {}
for number, id in ipairs(ids) do
  local event = 'duplicated'
  if is_new[number] then
    local name, _, created_at, delay, priority = unpack(run_of[number])
    rcall('XADD', events, '*', 'event', 'added', 'jobId', id, 'name', name)
    event = 'waiting'
    if delay ~= '0' then
      addDelayedJob(id, delayed, events, created_at, max_events, marker, tonumber(delay))
      event = nil
    elseif priority ~= '0' then
      addJobWithPriority(marker, prioritized, tonumber(priority), id, pc, is_closed)
    else
      waiting[#waiting + 1] = id
    end
  end
  if number == #ids and event then
    -- Old events that go with the last of many are those that would have gone with each.
    rcall('XADD', events, 'MAXLEN', '~', max_events, '*', 'event', event, 'jobId', id)
  elseif event then
    rcall('XADD', events, '*', 'event', event, 'jobId', id)
  end
end
for from, to in batches(#waiting, 7000) do rcall('LPUSH', wait, unpack(waiting, from, to)) end
if #waiting > 0 then addBaseMarkerIfNeeded(marker, is_closed) end
`,
  9,
);
