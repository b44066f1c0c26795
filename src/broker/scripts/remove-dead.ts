import { createScript } from '../script.ts';

/**
 * Deletes dead letters with all that belongs to them. The parent of a flow that waits for nothing else goes on.
 *
 *   KEYS[1] failed  KEYS[2] meta  KEYS[3] events
 *   ARGV[1] stem of the job keys, `bull:mail:`   ARGV[2] stem of the keys of `once`   ARGV[3…] job ids, each followed by its score, or '' for whatever it is
 *   Returns how many were deleted. An id that is not dead (any more), or died again since, is passed over.
 *   Cost: O(log n) an id, and the size of what is freed.
 */
export const REMOVE_DEAD = createScript(
  `
local function release_parent(job)
  local parent = redis.call('HGET', job, 'parentKey')
  if not parent or redis.call('SREM', parent .. ':dependencies', job) == 0 then return end
  if redis.call('SCARD', parent .. ':dependencies') > 0 then return end
  local stem, id = string.match(parent, '(.*:)(.*)')
  if redis.call('ZREM', stem .. 'waiting-children', id) == 0 then return end
  redis.call('RPUSH', stem .. 'wait', id)
  if redis.call('HEXISTS', stem .. 'meta', 'paused') == 0 then redis.call('ZADD', stem .. 'marker', 0, '0') end
  redis.call('XADD', stem .. 'events', '*', 'event', 'waiting', 'jobId', id, 'prev', 'waiting-children')
end

local max_events = redis.call('HGET', KEYS[2], 'opts.maxLenEvents') or 10000
local removed = 0
for index = 3, #ARGV, 2 do
  local id = ARGV[index]
  local score = redis.call('ZSCORE', KEYS[1], id)
  if score and (ARGV[index + 1] == '' or ARGV[index + 1] == score) then
    redis.call('ZREM', KEYS[1], id)
    local job = ARGV[1] .. id
    local dedupe = redis.call('HGET', job, 'deid')
    if dedupe and redis.call('GET', ARGV[1] .. 'de:' .. dedupe) == id then redis.call('DEL', ARGV[1] .. 'de:' .. dedupe) end
    release_parent(job)
    redis.call('UNLINK', job, job .. ':logs', job .. ':dependencies', job .. ':processed', job .. ':failed', job .. ':unsuccessful', ARGV[2] .. id)
    redis.call('XADD', KEYS[3], 'MAXLEN', '~', max_events, '*', 'event', 'removed', 'jobId', id, 'prev', 'failed')
    removed = removed + 1
  end
end
return removed
`,
  3,
);
