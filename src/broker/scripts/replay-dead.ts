import { createScript } from '../script.ts';

/** What of a dead letter a replay takes away or overwrites, and `jq:was` keeps for {@link UNDO_REPLAY}. */
export const RESET_FIELDS = [
  'finishedOn',
  'processedOn',
  'failedReason',
  'returnvalue',
  'atm',
  'stc',
  'defa',
  'jq:points',
  'delay',
  'jq:batch',
  'jq:replays',
] as const;

/** As Lua counts: those up to here are deleted; the others are written anew. */
const DELETED = RESET_FIELDS.indexOf('jq:points') + 1;
const DELAY = RESET_FIELDS.indexOf('delay') + 1;

export const LUA_RESET_FIELDS = RESET_FIELDS.map((field) => `'${field}'`).join(', ');

/**
 * Puts dead letters back, as new: attempts fresh, priority kept, the fence (`ats`) untouched; on request with another
 * payload, or in another queue. What they were is kept with them, until they are replayed again.
 *
 *   KEYS[1] failed, of the queue that they died in
 *   KEYS[2] wait  KEYS[3] prioritized  KEYS[4] pc  KEYS[5] marker  KEYS[6] meta  KEYS[7] events  KEYS[8] active
 *   KEYS[9] paused, of the queue that they go to
 *   ARGV[1] stem of the job keys, `bull:mail:`, of the first  ARGV[2] of the second   ARGV[3], ARGV[4] stems of the keys of `once`
 *   ARGV[5] name of the replay   ARGV[6] 'ids': ARGV[7…] are job ids; 'payloads': each is followed by its new payload
 *   Returns how many were put back. An id that is not dead (any more) is passed over: repeating a call does nothing. So is
 *   one that cannot go to another queue: it belongs to a flow, or there is a job with this id. Numbers are renewed there.
 *   Cost: O(log n) and about 12 µs an id; 200 ids a call keep it under 20 ms.
 */
export const REPLAY_DEAD = createScript(
  `
local source, target, batch, stride = ARGV[1], ARGV[2], ARGV[5], ARGV[6] == 'payloads' and 2 or 1
local moves = source ~= target
local meta = redis.call('HMGET', KEYS[6], 'paused', 'concurrency', 'opts.maxLenEvents', 'version')
local paused, max_events = meta[1], meta[3] or 10000
local open = not paused and not (meta[2] and redis.call('LLEN', KEYS[8]) >= tonumber(meta[2]))
-- BullMQ 5 keeps the jobs of a paused queue in a list of their own, which overwrites the other one when it goes on.
local list = paused and string.match(meta[4] or '', '^bullmq[%-%a]*:[1-5]%.') and KEYS[9] or KEYS[2]

local function can_move(id)
  local job = source .. id
  if redis.call('HEXISTS', job, 'parentKey') == 1 or redis.call('EXISTS', job .. ':dependencies', job .. ':processed') > 0 then return false end
  return string.match(id, '^%d+$') or redis.call('EXISTS', target .. id) == 0
end
local function move(id)
  local new_id = string.match(id, '^%d+$') and tostring(redis.call('INCR', target .. 'id')) or id
  local dedupe = redis.call('HGET', source .. id, 'deid')
  if dedupe and redis.call('GET', source .. 'de:' .. dedupe) == id then redis.call('DEL', source .. 'de:' .. dedupe) end
  redis.call('RENAME', source .. id, target .. new_id)
  if redis.call('EXISTS', source .. id .. ':logs') == 1 then redis.call('RENAME', source .. id .. ':logs', target .. new_id .. ':logs') end
  if redis.call('EXISTS', ARGV[3] .. id) == 1 then redis.call('RENAME', ARGV[3] .. id, ARGV[4] .. new_id) end
  return new_id
end

local ids = {}
for index = 7, #ARGV, stride do ids[#ids + 1] = ARGV[index] end
local scores, dead = redis.call('ZMSCORE', KEYS[1], unpack(ids)), {}
for index, score in ipairs(scores) do
  if score and (not moves or can_move(ids[index])) then dead[#dead + 1] = index end
end
if #dead == 0 then return 0 end
local going = {}
for _, index in ipairs(dead) do going[#going + 1] = ids[index] end
redis.call('ZREM', KEYS[1], unpack(going))

local call, encode = redis.call, cjson.encode
local reset = { ${LUA_RESET_FIELDS} }
local count = #reset
local waiting, moved = {}, 0
for _, index in ipairs(dead) do
  local id = ids[index]
  local job = source .. id
  local old = call('HMGET', job, ${LUA_RESET_FIELDS}, 'timestamp', 'priority', 'parentKey')
  local parent = old[count + 3]
  -- An id without a job is only forgotten.
  if old[count + 1] then
    local was, gone = { score = scores[index] }, {}
    for place = 1, count do
      local value = old[place]
      if value then was[reset[place]] = value end
      -- What is written below need not be taken away, and most were not delayed.
      if value and place <= ${DELETED} then gone[#gone + 1] = reset[place] end
      if place == ${DELAY} and value and value ~= '0' then call('HSET', job, 'delay', '0') end
    end
    if stride == 2 then was.data = call('HGET', job, 'data') or nil end
    if parent and redis.call('EXISTS', parent) == 1 then
      local unsuccessful, failed = redis.call('ZSCORE', parent .. ':unsuccessful', job), redis.call('HGET', parent .. ':failed', job)
      if unsuccessful then redis.call('ZREM', parent .. ':unsuccessful', job) elseif failed then redis.call('HDEL', parent .. ':failed', job) end
      if unsuccessful or failed then
        redis.call('SADD', parent .. ':dependencies', job)
        was.unsuccessful, was.failed = unsuccessful or nil, failed or nil
      end
    end
    if moves then
      was.stem, was.once, was.id = source, ARGV[3], id
      id = move(id)
      job = target .. id
      redis.call('XADD', source .. 'events', 'MAXLEN', '~', max_events, '*', 'event', 'removed', 'jobId', was.id, 'prev', 'failed')
    end
    if #gone > 0 then call('HDEL', job, unpack(gone)) end
    local replays = (tonumber(was['jq:replays']) or 0) + 1
    call('HSET', job, 'jq:batch', batch, 'jq:replays', replays, 'jq:was', encode(was))
    if stride == 2 then call('HSET', job, 'data', ARGV[7 + (index - 1) * 2 + 1]) end
    local priority = tonumber(old[count + 2]) or 0
    if priority == 0 then
      waiting[#waiting + 1] = id
    else
      redis.call('ZADD', KEYS[3], priority * 0x100000000 + redis.call('INCR', KEYS[4]) % 0x100000000, id)
    end
    call('XADD', KEYS[7], '*', 'event', 'waiting', 'jobId', id, 'prev', 'failed')
    moved = moved + 1
  end
end
if #waiting > 0 then redis.call('LPUSH', list, unpack(waiting)) end
if moved > 0 then redis.call('XTRIM', KEYS[7], 'MAXLEN', '~', max_events) end
if moved > 0 and open then redis.call('ZADD', KEYS[5], 0, '0') end
return moved
`,
  9,
);
