import { ENGINE_SOURCES } from '../engine-scripts.ts';
import { createScript } from '../script.ts';

/** What the script answers for a job with a parent, children or a deduplication key: BullMQ's own script is for those. */
export const NOT_PLAIN = -100;

/**
 * Completes many jobs, and takes the next one for each, as so many calls of BullMQ's `moveToFinished` would: the same keys,
 * the same events in the same order. A call costs more than what it does, so whatever can be asked or done for all of them in
 * one command is: whether the queue is paused, limited or has delayed jobs that are due, who holds the locks, which jobs are
 * next, what of the completed ones is kept.
 *
 *   KEYS[1] wait  [2] active  [3] prioritized  [4] events  [5] stalled  [6] limiter  [7] delayed  [8] paused  [9] meta
 *   KEYS[10] pc  [11] completed  [12] marker
 *   ARGV[1] stem of the job keys, `bull:mail:`   ARGV[2] now (ms)   ARGV[3] JSON of
 *     { lockMs, keeps: [{ age?, count?, limit? }, …] as BullMQ's keepJobs, limiter? }
 *   then for each job: id, token, result as JSON, which of `keeps` (from 1), below 0 when no other job is to be taken
 *   Returns JSON, which is sooner read than many replies: a list with one answer a job, much as moveToFinished gives it:
 *     [[its fields and their values], id] the next job; [0, 0, ms, 0] rate limited; [0, 0, 0, at] the next delayed job;
 *     0 nothing; below 0 an error code of BullMQ's, or {@link NOT_PLAIN}.
 *   Cost: three commands for a job that ends and four for one that is taken, most of them small
 */
export const FINISH_MANY = createScript(
  `${ENGINE_SOURCES.functions}
local wait, active, prioritized, events, stalled = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local meta, completed, marker = KEYS[9], KEYS[11], KEYS[12]
local stem, now = ARGV[1], ARGV[2]
local options = cjson.decode(ARGV[3])
local lock_ms = tostring(options.lockMs)
-- To make a text of a number is dear, and most counters stand at nothing.
local function one_more(count) return count and tostring(count + 1) or '1' end

local is_closed, rate_max, rate_duration = getQueueMetadata(meta, active, wait)
local is_limited = rate_max or options.limiter or rcall('HEXISTS', meta, 'concurrency') == 1

-- What is known of the jobs stands in lists, not in a table for each: the garbage collector of a script is not free either.
local count = (#ARGV - 3) / 4
local keys, lock_keys, kin_keys = {}, {}, {}
for number = 1, count do
  local key = stem .. ARGV[4 * number]
  keys[number] = key
  lock_keys[number] = key .. ':lock'
  kin_keys[2 * number - 1] = key .. ':dependencies'
  kin_keys[2 * number] = key .. ':unsuccessful'
end
local locks = rcall('MGET', unpack(lock_keys))
local has_kin = rcall('EXISTS', unpack(kin_keys)) > 0

-- An answer that stands before the jobs are finished says why they are not.
local answers, attempts_made, number_of = {}, {}, {}
local ids, our_locks = {}, {}
for number = 1, count do
  local id, held = ARGV[4 * number], locks[number]
  local facts = rcall('HMGET', keys[number], 'timestamp', 'parentKey', 'parent', 'deid', 'atm')
  local answer = 0
  if facts[2] or facts[3] or facts[4] then answer = ${NOT_PLAIN}
  elseif not facts[1] and rcall('EXISTS', keys[number]) == 0 then answer = -1
  elseif has_kin and rcall('EXISTS', kin_keys[2 * number - 1], kin_keys[2 * number]) > 0 then answer = ${NOT_PLAIN}
  elseif not held or number_of[id] then answer = -2
  elseif held ~= ARGV[4 * number + 1] then answer = -6
  else
    number_of[id] = number
    ids[#ids + 1] = id
    our_locks[#our_locks + 1] = lock_keys[number]
    attempts_made[number] = one_more(facts[5])
  end
  answers[number] = answer
end
if #ids > 0 then
  rcall('DEL', unpack(our_locks))
  rcall('SREM', stalled, unpack(ids))
end

local wanted, unfinished = 0, 0
-- A long list is searched from its old end for each job; a short one is written anew without all of them.
local function leave_active()
  local was_active = {}
  if #ids > 3 and rcall('LLEN', active) <= 4 * #ids then
    local running, rest = rcall('LRANGE', active, 0, -1), {}
    for position = #running, 1, -1 do
      local id = running[position]
      if number_of[id] and not was_active[id] then was_active[id] = true else rest[#rest + 1] = id end
    end
    rcall('DEL', active)
    if #rest > 0 then rcall('LPUSH', active, unpack(rest)) end
  else
    for _, id in ipairs(ids) do was_active[id] = rcall('LREM', active, -1, id) > 0 end
  end
  for _, id in ipairs(ids) do
    if not was_active[id] then
      answers[number_of[id]] = -3
    else
      unfinished = unfinished + 1
      if tonumber(ARGV[4 * number_of[id] + 3]) > 0 then wanted = wanted + 1 end
    end
  end
end
if not is_limited then leave_active() end

-- All jobs that will be taken leave their lists together; they are handed out in this order.
local stock, handed_out = nil, 0
local function fill_stock()
  promoteDelayedJobs(KEYS[7], marker, wait, prioritized, events, stem, now, KEYS[10], is_closed)
  stock = {}
  while not is_closed and #stock < wanted do
    local popped = rcall('RPOP', wait, wanted - #stock)
    if not popped then break end
    for _, id in ipairs(popped) do
      if string.sub(id, 1, 2) ~= '0:' then stock[#stock + 1] = id end
    end
  end
  if not is_closed and #stock < wanted then
    local popped = rcall('ZPOPMIN', prioritized, wanted - #stock)
    for index = 1, #popped, 2 do stock[#stock + 1] = popped[index] end
    if #stock < wanted then rcall('DEL', KEYS[10]) end
  end
  if #stock > 0 then rcall('LPUSH', active, unpack(stock)) end
end

local function start(id, token)
  local key = stem .. id
  rcall('SET', key .. ':lock', token, 'PX', lock_ms)
  rcall('XADD', events, '*', 'event', 'active', 'jobId', id, 'prev', 'waiting')
  local hash = rcall('HGETALL', key)
  local started_at, starts_at
  for index = 1, #hash, 2 do
    if hash[index] == 'processedOn' then started_at = index
    elseif hash[index] == 'ats' then starts_at = index end
  end
  local starts = one_more(starts_at and hash[starts_at + 1])
  rcall('HSET', key, 'processedOn', now, 'ats', starts)
  started_at = started_at or #hash + 1
  hash[started_at], hash[started_at + 1] = 'processedOn', now
  starts_at = starts_at or #hash + 1
  hash[starts_at], hash[starts_at + 1] = 'ats', starts
  return { hash, id }
end

local took = false
local function take(token)
  if is_limited then
    return fetchNextJob(wait, active, prioritized, events, KEYS[6], KEYS[7], meta, KEYS[10], marker, stem, now,
      { token = token, lockDuration = options.lockMs, limiter = options.limiter })
  end
  if not stock then fill_stock() end
  if handed_out < #stock then
    handed_out = handed_out + 1
    took = true
    return start(stock[handed_out], token)
  end
  if is_closed then return { 0, 0, 0, 0 } end
  local next_at = getNextDelayedTimestamp(KEYS[7])
  return next_at and { 0, 0, 0, next_at }
end

-- A completed job is in no parent's dependencies any more, so that all there is to remove are its own keys. Most have one,
-- and what is not there had better not be written to the append-only file.
local suffixes = { ':logs', ':dependencies', ':processed', ':failed', ':unsuccessful' }
local function remove(gone)
  for from, to in batches(#gone, 1000) do
    local own, kin = {}, {}
    for index = from, to do
      local key = stem .. gone[index]
      own[#own + 1] = key
      for which = 1, #suffixes do kin[#kin + 1] = key .. suffixes[which] end
    end
    rcall('DEL', unpack(own))
    if rcall('EXISTS', unpack(kin)) > 0 then rcall('DEL', unpack(kin)) end
  end
end

-- What was completed since the last time, and then what is too old or too many.
local done, gone = {}, {}
local function store(keep)
  remove(gone)
  gone = {}
  if #done == 0 then return end
  rcall('ZADD', completed, unpack(done))
  done = {}
  if keep.age then
    local start, limit = now - keep.age * 1000, keep.limit or 1000
    local old = rcall('ZREVRANGEBYSCORE', completed, start, '-inf', 'LIMIT', 0, limit)
    remove(old)
    if #old > 0 and #old < limit then
      rcall('ZREMRANGEBYSCORE', completed, '-inf', start)
    else
      for from, to in batches(#old, 7000) do rcall('ZREM', completed, unpack(old, from, to)) end
    end
  end
  if keep.count and keep.count > 0 then
    local surplus = rcall('ZREVRANGE', completed, keep.count, -1)
    remove(surplus)
    if #surplus > 0 then rcall('ZREMRANGEBYRANK', completed, 0, -(keep.count + 1)) end
  end
end

local is_trimmed = false
local function finish(number, keep)
  local id, token, result = ARGV[4 * number], ARGV[4 * number + 1], ARGV[4 * number + 2]
  if answers[number] < 0 then return answers[number] end
  if is_limited and rcall('LREM', active, -1, id) < 1 then return -3 end
  if not is_trimmed then
    trimEvents(meta, events)
    is_trimmed = true
  end
  unfinished = unfinished - 1
  if keep.count == 0 then
    gone[#gone + 1] = id
  else
    done[#done + 1] = now
    done[#done + 1] = id
    rcall('HSET', keys[number], 'atm', attempts_made[number], 'returnvalue', result, 'finishedOn', now)
  end
  rcall('XADD', events, '*', 'event', 'completed', 'jobId', id, 'returnvalue', result, 'prev', 'active')
  local next_job = tonumber(ARGV[4 * number + 3]) > 0 and take(token)
  if next_job then return next_job end
  -- In BullMQ's order the jobs behind this one still run.
  if unfinished < 1 and rcall('LLEN', wait) == 0 and rcall('LLEN', active) == 0
    and rcall('ZCARD', prioritized) == 0 then
    rcall('XADD', events, '*', 'event', 'drained')
  end
  return 0
end

local keep
for number = 1, count do
  local next_keep = options.keeps[math.abs(ARGV[4 * number + 3])]
  if keep and next_keep ~= keep then store(keep) end
  keep = next_keep
  answers[number] = finish(number, keep)
end
store(keep)
if took then addBaseMarkerIfNeeded(marker, false) end
return cjson.encode(answers)
`,
  12,
);
