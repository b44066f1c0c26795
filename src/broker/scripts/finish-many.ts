import { ENGINE_SOURCES } from '../engine-scripts.ts';
import { createScript } from '../script.ts';

/** What the script answers for a job with a parent, children or a deduplication key: BullMQ's own script is for those. */
export const NOT_PLAIN = -100;

/**
 * Completes many jobs, and takes the next one for each, as so many calls of BullMQ's `moveToFinished` would: the same keys,
 * the same events in the same order. What is the same for all of them is looked up once: whether the queue is paused, limited
 * or has delayed jobs that are due, what is kept of the completed ones.
 *
 *   KEYS[1] wait  [2] active  [3] prioritized  [4] events  [5] stalled  [6] limiter  [7] delayed  [8] paused  [9] meta
 *   KEYS[10] pc  [11] completed  [12] marker
 *   ARGV[1] stem of the job keys, `bull:mail:`   ARGV[2] now (ms)   ARGV[3] MessagePack of
 *     { lockMs, keeps: [{ age?, count?, limit? }, …] as BullMQ's keepJobs, limiter?, name? }
 *   then for each job: id, token, result as JSON, '1' to take another one, which of `keeps` (from 1)
 *   Returns one answer a job, as moveToFinished gives it: { hash, id, 0, 0 } the next job; { 0, 0, ms, 0 } rate limited;
 *     { 0, 0, 0, at } the next delayed job; 0 nothing; below 0 an error code of BullMQ's, or {@link NOT_PLAIN}.
 *   Cost: about ten commands a job
 */
export const FINISH_MANY = createScript(
  `${ENGINE_SOURCES.functions}
local wait, active, prioritized, events, stalled = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local meta, completed, marker = KEYS[9], KEYS[11], KEYS[12]
local stem, now = ARGV[1], ARGV[2]
local options = cmsgpack.unpack(ARGV[3])

local is_closed, rate_max, rate_duration = getQueueMetadata(meta, active, wait)
local is_limited = rate_max or options.limiter or rcall('HEXISTS', meta, 'concurrency') == 1
local is_promoted = false

local function take(token)
  if is_limited then
    return fetchNextJob(wait, active, prioritized, events, KEYS[6], KEYS[7], meta, KEYS[10], marker, stem, now,
      { token = token, lockDuration = options.lockMs, limiter = options.limiter, name = options.name })
  end
  if not is_promoted then
    promoteDelayedJobs(KEYS[7], marker, wait, prioritized, events, stem, now, KEYS[10], is_closed)
    is_promoted = true
  end
  if is_closed then return { 0, 0, 0, 0 } end
  local id = rcall('RPOPLPUSH', wait, active)
  if id and string.sub(id, 1, 2) == '0:' then
    rcall('LREM', active, 1, id)
    id = rcall('RPOPLPUSH', wait, active)
  end
  id = id or moveJobFromPrioritizedToActive(prioritized, active, KEYS[10])
  if not id then
    local next_at = getNextDelayedTimestamp(KEYS[7])
    return next_at and { 0, 0, 0, next_at }
  end
  local job = stem .. id
  rcall('SET', job .. ':lock', token, 'PX', options.lockMs)
  rcall('XADD', events, '*', 'event', 'active', 'jobId', id, 'prev', 'waiting')
  if options.name then
    rcall('HSET', job, 'processedOn', now, 'pb', options.name)
  else
    rcall('HSET', job, 'processedOn', now)
  end
  rcall('HINCRBY', job, 'ats', 1)
  return { rcall('HGETALL', job), id, 0, 0 }
end

local done, ids = {}, {}
local answers = {}
local took, is_trimmed = false, false
local function finish(id, token, result, keep)
  local job = stem .. id
  local facts = rcall('HMGET', job, 'timestamp', 'parentKey', 'parent', 'deid')
  if facts[2] or facts[3] or facts[4] then return ${NOT_PLAIN} end
  if not facts[1] and rcall('EXISTS', job) == 0 then return -1 end
  if rcall('EXISTS', job .. ':dependencies', job .. ':unsuccessful') > 0 then return ${NOT_PLAIN} end
  local held = rcall('GET', job .. ':lock')
  if held ~= token then return held and -6 or -2 end
  rcall('DEL', job .. ':lock')
  ids[#ids + 1] = id
  if rcall('LREM', active, -1, id) < 1 then return -3 end
  if not is_trimmed then
    trimEvents(meta, events)
    is_trimmed = true
  end
  rcall('HINCRBY', job, 'atm', 1)
  if keep.count == 0 then
    removeJobKeys(job)
  else
    done[#done + 1] = now
    done[#done + 1] = id
    rcall('HSET', job, 'returnvalue', result, 'finishedOn', now)
  end
  rcall('XADD', events, '*', 'event', 'completed', 'jobId', id, 'returnvalue', result, 'prev', 'active')
  return 0
end

-- What was completed since the last time, and then what is too old or too many.
local function store(keep)
  if #done == 0 then return end
  rcall('ZADD', completed, unpack(done))
  done = {}
  if keep.age then removeJobsByMaxAge(now, keep.age, completed, stem, keep.limit or 1000) end
  if keep.count and keep.count > 0 then removeJobsByMaxCount(keep.count, completed, stem) end
end

local keep
for index = 4, #ARGV, 5 do
  local next_keep = options.keeps[tonumber(ARGV[index + 4])]
  if next_keep ~= keep then store(keep) end
  keep = next_keep
  local answer = finish(ARGV[index], ARGV[index + 1], ARGV[index + 2], keep)
  if answer == 0 then
    local next_job = ARGV[index + 3] == '1' and take(ARGV[index + 1])
    if next_job then
      answer = next_job
      took = took or next_job[2] ~= 0
    elseif rcall('LLEN', wait) == 0 and rcall('LLEN', active) == 0 and rcall('ZCARD', prioritized) == 0 then
      rcall('XADD', events, '*', 'event', 'drained')
    end
  end
  answers[#answers + 1] = answer
end
if #ids > 0 then rcall('SREM', stalled, unpack(ids)) end
store(keep)
if took and not is_limited then addBaseMarkerIfNeeded(marker, false) end
return answers
`,
  12,
);
