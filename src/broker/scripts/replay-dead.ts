import { createScript } from '../script.ts';

/**
 * Puts dead letters back, as new: attempts fresh, priority kept, the fence (`ats`) untouched.
 *
 *   KEYS[1] failed  KEYS[2] wait  KEYS[3] prioritized  KEYS[4] pc  KEYS[5] marker  KEYS[6] meta  KEYS[7] events  KEYS[8] active
 *   ARGV[1] stem of the job keys, `bull:mail:`   ARGV[2] name of the replay   ARGV[3…] job ids
 *   Returns how many were put back. An id that is not dead (any more) is passed over: repeating a call does nothing.
 *   Cost: O(log n) and about 15 µs an id; 200 ids a call keep it under 20 ms.
 */
export const REPLAY_DEAD = createScript(
  `
local paused = redis.call('HMGET', KEYS[6], 'paused', 'concurrency')
local open = not paused[1] and not (paused[2] and redis.call('LLEN', KEYS[8]) >= tonumber(paused[2]))
local max_events = redis.call('HGET', KEYS[6], 'opts.maxLenEvents') or 10000
local moved = 0
for index = 3, #ARGV do
  local id = ARGV[index]
  if redis.call('ZREM', KEYS[1], id) == 1 then
    local job = ARGV[1] .. id
    if redis.call('EXISTS', job) == 1 then
      redis.call('HDEL', job, 'finishedOn', 'processedOn', 'failedReason', 'returnvalue', 'atm', 'stc', 'defa', 'jq:points')
      redis.call('HSET', job, 'delay', 0, 'jq:batch', ARGV[2])
      redis.call('HINCRBY', job, 'jq:replays', 1)
      local priority = tonumber(redis.call('HGET', job, 'priority')) or 0
      if priority == 0 then
        redis.call('LPUSH', KEYS[2], id)
      else
        local turn = redis.call('INCR', KEYS[4])
        redis.call('ZADD', KEYS[3], priority * 0x100000000 + turn % 0x100000000, id)
      end
      local parent = redis.call('HGET', job, 'parentKey')
      if parent and redis.call('EXISTS', parent) == 1 and
        (redis.call('ZREM', parent .. ':unsuccessful', job) == 1 or redis.call('HDEL', parent .. ':failed', job) == 1) then
        redis.call('SADD', parent .. ':dependencies', job)
      end
      redis.call('XADD', KEYS[7], 'MAXLEN', '~', max_events, '*', 'event', 'waiting', 'jobId', id, 'prev', 'failed')
      moved = moved + 1
    end
  end
end
if moved > 0 and open then redis.call('ZADD', KEYS[5], 0, '0') end
return moved
`,
  8,
);
