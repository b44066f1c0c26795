import { ENGINE_SOURCES } from '../engine-scripts.ts';
import { createScript } from '../script.ts';

/**
 * Adds many jobs to one queue, as so many calls of BullMQ's `addStandardJob`, `addPrioritizedJob` and `addDelayedJob` would:
 * the same keys, the same events in the same order. What is the same for all of them is done once. For jobs without
 * parent and deduplication key.
 *
 *   KEYS[1] wait  [2] active  [3] prioritized  [4] delayed  [5] events  [6] meta  [7] id  [8] pc  [9] marker
 *   ARGV[1] stem of the job keys, `bull:mail:`   then for each job:
 *     id, type, payload as JSON, BullMQ's options as JSON, created at (ms), delay (ms), priority
 *   Returns nothing. A job that is there already stays as it is.
 *   Cost: three commands for a job that can run at once, seven for others; at most 5,000 jobs
 */
export const ADD_MANY = createScript(
  `${ENGINE_SOURCES.functions}
local wait, active, prioritized, delayed, events = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local meta, pc, marker = KEYS[6], KEYS[8], KEYS[9]
local stem = ARGV[1]

local ids, jobs = {}, {}
for index = 2, #ARGV, 7 do
  ids[#ids + 1] = ARGV[index]
  jobs[#jobs + 1] = stem .. ARGV[index]
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

local waiting = {}
for number, job in ipairs(jobs) do
  local index = 7 * number - 5
  local id, delay, priority = ids[number], ARGV[index + 5], ARGV[index + 6]
  if exists[id] then
    rcall('XADD', events, 'MAXLEN', '~', max_events, '*', 'event', 'duplicated', 'jobId', id)
  else
    exists[id] = true
    rcall('HSET', job, 'name', ARGV[index + 1], 'data', ARGV[index + 2], 'opts', ARGV[index + 3],
      'timestamp', ARGV[index + 4], 'delay', delay, 'priority', priority)
    rcall('XADD', events, '*', 'event', 'added', 'jobId', id, 'name', ARGV[index + 1])
    if delay ~= '0' then
      addDelayedJob(id, delayed, events, ARGV[index + 4], max_events, marker, tonumber(delay))
    else
      if priority ~= '0' then
        addJobWithPriority(marker, prioritized, tonumber(priority), id, pc, is_closed)
      else
        waiting[#waiting + 1] = id
      end
      rcall('XADD', events, 'MAXLEN', '~', max_events, '*', 'event', 'waiting', 'jobId', id)
    end
  end
end
for from, to in batches(#waiting, 7000) do rcall('LPUSH', wait, unpack(waiting, from, to)) end
if #waiting > 0 then addBaseMarkerIfNeeded(marker, is_closed) end
`,
  9,
);
