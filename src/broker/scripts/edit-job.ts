import { createScript } from '../script.ts';

/**
 * Changes a job that nobody has taken yet, and moves it where it then belongs.
 *
 *   KEYS[1] job  KEYS[2] wait  KEYS[3] prioritized  KEYS[4] delayed  KEYS[5] waiting-children  KEYS[6] active
 *   KEYS[7] completed  KEYS[8] failed  KEYS[9] pc  KEYS[10] marker  KEYS[11] meta  KEYS[12] events
 *   KEYS[13] paused: where BullMQ 5 keeps the waiting of a paused queue
 *   ARGV[1] id   ARGV[2] its \`opts\` as they were read   and, each '' to leave it as it is:
 *   ARGV[3] \`opts\`   ARGV[4] payload (JSON)   ARGV[5] priority   ARGV[6] delay from now in ms   ARGV[7] when that ends (epoch ms)
 *   Returns 'done' · 'missing' · 'taken' when it runs or has ended · 'changed' when \`opts\` are others by now.
 *   Nothing is changed unless it is done. Cost: O(log n); O(n) for a waiting job that has to move.
 */
export const EDIT_JOB = createScript(
  `
local id, priority, delay, due = ARGV[1], ARGV[5], ARGV[6], ARGV[7]
local max_events = redis.call('HGET', KEYS[11], 'opts.maxLenEvents') or 10000
local function tell(event, ...) redis.call('XADD', KEYS[12], 'MAXLEN', '~', max_events, '*', 'event', event, 'jobId', id, ...) end

if redis.call('EXISTS', KEYS[1]) == 0 then return 'missing' end
if (redis.call('HGET', KEYS[1], 'opts') or '') ~= ARGV[2] then return 'changed' end
local delayed = redis.call('ZSCORE', KEYS[4], id)
local prioritized = redis.call('ZSCORE', KEYS[3], id)
local parent = redis.call('ZSCORE', KEYS[5], id)
if not delayed and not prioritized and not parent then
  if redis.call('ZSCORE', KEYS[7], id) or redis.call('ZSCORE', KEYS[8], id) or redis.call('LPOS', KEYS[6], id) then return 'taken' end
end

local old = tonumber(redis.call('HGET', KEYS[1], 'priority')) or 0
local new = tonumber(priority) or old
local waits_for_time = tonumber(delay) and tonumber(delay) > 0
-- What keeps its priority and need not wait keeps its place in the line.
local moves = not parent and (waits_for_time or (delayed and delay ~= '') or (new ~= old and not delayed))
if moves then
  local gone = delayed and redis.call('ZREM', KEYS[4], id) or prioritized and redis.call('ZREM', KEYS[3], id)
    or redis.call('LREM', KEYS[2], -1, id) + redis.call('LREM', KEYS[13], -1, id)
  if gone == 0 then return 'taken' end
end
if ARGV[3] ~= '' then redis.call('HSET', KEYS[1], 'opts', ARGV[3]) end
if ARGV[4] ~= '' then redis.call('HSET', KEYS[1], 'data', ARGV[4]) end
if priority ~= '' then redis.call('HSET', KEYS[1], 'priority', priority) end
if delay ~= '' then redis.call('HSET', KEYS[1], 'delay', delay) end
if not moves then return 'done' end

if waits_for_time then
  local first = tonumber(due) * 0x1000
  local last = redis.call('ZREVRANGEBYSCORE', KEYS[4], first + 0xfff, first, 'WITHSCORES', 'LIMIT', 0, 1)
  local score = last[2] and math.min(tonumber(last[2]) + 1, first + 0xfff) or first
  redis.call('ZADD', KEYS[4], score, id)
  local soonest = redis.call('ZRANGE', KEYS[4], 0, 0, 'WITHSCORES')
  redis.call('ZADD', KEYS[10], tonumber(soonest[2]) / 0x1000, '1')
  tell('delayed', 'delay', due)
  return 'done'
end
if new == 0 then
  redis.call('LPUSH', KEYS[2], id)
else
  redis.call('ZADD', KEYS[3], new * 0x100000000 + redis.call('INCR', KEYS[9]) % 0x100000000, id)
end
local limits = redis.call('HMGET', KEYS[11], 'paused', 'concurrency')
if not limits[1] and not (limits[2] and redis.call('LLEN', KEYS[6]) >= tonumber(limits[2])) then
  redis.call('ZADD', KEYS[10], 0, '0')
end
tell('waiting', 'prev', delayed and 'delayed' or prioritized and 'prioritized' or 'waiting')
return 'done'
`,
  13,
);
