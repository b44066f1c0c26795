import { createScript } from '../script.ts';
import { LUA_RESET_FIELDS, MOST_BYTES, PLACE, RESET_FIELDS } from './replay-dead.ts';

/**
 * Makes those of a replay dead again that have not been started since, as they were; of a slice of the jobs that wait.
 *
 *   KEYS[1] where they wait: wait, paused or prioritized   KEYS[2] failed   KEYS[3] events   KEYS[4] meta
 *   KEYS[5] list of those that must go on to where they died, in another slot: as JSON the id, the queue there, the id there
 *   ARGV[1] stem of the job keys, `bull:mail:`   ARGV[2] stem of the keys of `once`   ARGV[3] name of the replay
 *   ARGV[4], ARGV[5] the slice: from where, how many   ARGV[6] '1': only counts them
 *   Returns how many of the slice it has looked at, not all when much text comes with them, none when there is none left; and how many
 *   of these are (or would be) dead again. The rest has moved up.
 *   Cost: about 1 µs a job, 15 µs more for one that is undone, and O(n) of a list's length, some 5 ns each, if there is one.
 */
export const UNDO_REPLAY = createScript(
  `
local kind = redis.call('TYPE', KEYS[1]).ok
if kind ~= 'list' and kind ~= 'zset' then return { 0, 0 } end
local from, stem, once = tonumber(ARGV[4]), ARGV[1], ARGV[2]
local ids = redis.call(kind == 'list' and 'LRANGE' or 'ZRANGE', KEYS[1], from, from + ARGV[5] - 1)
local max_events = redis.call('HGET', KEYS[4], 'opts.maxLenEvents') or 10000
local TAKEN, count, by = 'jq:taken', ${RESET_FIELDS.length}, ' ' .. ARGV[3]

local function rename(old, new)
  if redis.call('EXISTS', old) == 1 then redis.call('RENAME', old, new) end
end
local function make_dead(id, was, more)
  local job, failed = stem .. id, KEYS[2]
  redis.call('HDEL', job, 'jq:was', 'delay', 'jq:replayed')
  local fields = more.data and { 'data', more.data } or {}
  for place, field in ipairs({ ${LUA_RESET_FIELDS} }) do
    if was[place] then fields[#fields + 1], fields[#fields + 2] = field, was[place] end
  end
  if #fields > 0 then redis.call('HSET', job, unpack(fields)) end
  if more.stem then
    failed = more.stem .. 'failed'
    rename(job, more.stem .. more.id)
    rename(job .. ':logs', more.stem .. more.id .. ':logs')
    rename(once .. id, more.once .. more.id)
  end
  redis.call('ZADD', failed, was[count + 1] or was[${PLACE.finishedOn}], more.id or id)
  if more.home then redis.call('RPUSH', KEYS[5], cjson.encode({ id, more.home[1], more.home[2] })) end
  local parent = redis.call('HGET', job, 'parentKey')
  if parent and (more.unsuccessful or more.failed) and redis.call('SREM', parent .. ':dependencies', job) == 1 then
    if more.unsuccessful then redis.call('ZADD', parent .. ':unsuccessful', more.unsuccessful, job) end
    if more.failed then redis.call('HSET', parent .. ':failed', job, more.failed) end
  end
  redis.call('XADD', more.stem and more.stem .. 'events' or KEYS[3], 'MAXLEN', '~', max_events, '*',
    'event', 'failed', 'jobId', more.id or id, 'failedReason', was[${PLACE.failedReason}] or '', 'prev', 'waiting')
end

local undone, stay, seen, bytes = 0, {}, 0, 0
for index, id in ipairs(ids) do
  if bytes > ${MOST_BYTES} then break end
  seen = index
  local job = redis.call('HMGET', stem .. id, 'jq:replayed', 'processedOn', 'jq:was')
  bytes = bytes + #(job[3] or '')
  local was = job[1] and string.sub(job[1], -#by) == by and not job[2] and job[3] and cjson.decode(job[3])
  local more = was and was[count + 2] or {}
  if was and not (more.stem and redis.call('EXISTS', more.stem .. more.id) == 1) then
    undone = undone + 1
    if ARGV[6] ~= '1' then
      if kind == 'zset' then redis.call('ZREM', KEYS[1], id) end
      if kind == 'list' and from > 0 then redis.call('LSET', KEYS[1], from + index - 1, TAKEN) end
      make_dead(id, was, more)
    end
  else
    table.insert(stay, 1, id)
  end
end
if undone > 0 and kind == 'list' and ARGV[6] ~= '1' then
  if from == 0 then
    redis.call('LTRIM', KEYS[1], seen, -1)
    if #stay > 0 then redis.call('LPUSH', KEYS[1], unpack(stay)) end
  else
    local far = from > redis.call('LLEN', KEYS[1]) / 2
    redis.call('LREM', KEYS[1], far and -undone or undone, TAKEN)
  end
end
return { seen, undone }
`,
  5,
);
