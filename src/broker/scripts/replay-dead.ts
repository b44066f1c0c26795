import { createScript } from '../script.ts';
import { PLACE_AFTER } from './scan-dead.ts';

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
const ERROR = RESET_FIELDS.indexOf('failedReason') + 1;
const RESULT = RESET_FIELDS.indexOf('returnvalue') + 1;

export const LUA_RESET_FIELDS = RESET_FIELDS.map((field) => `'${field}'`).join(', ');

/** Text of errors and results, and new payloads, that one call takes in hand. */
export const MOST_BYTES = 1_000_000;

/**
 * `replay(ids, scores, payloads, wanted, home)` puts those back that have a score and are of the wanted type, if there is
 * one; `home` is where those died that were brought here from another slot. Returns how many it did, and how many it has looked at: not all, when much text comes with them.
 */
const REPLAY = `
local call, encode = redis.call, cjson.encode
local source, target, batch = ARGV[1], ARGV[2], ARGV[5]
local moves = source ~= target
local meta = call('HMGET', KEYS[6], 'paused', 'concurrency', 'opts.maxLenEvents', 'version')
local paused, max_events = meta[1], meta[3] or 10000
local open = not paused and not (meta[2] and call('LLEN', KEYS[8]) >= tonumber(meta[2]))
-- BullMQ 5 keeps the jobs of a paused queue in a list of their own, which overwrites the other one when it goes on.
local is_legacy = string.match(meta[4] or '', '^bullmq[%-%a]*:[1-5]%.') or call('EXISTS', KEYS[9]) == 1
local list = paused and is_legacy and KEYS[9] or KEYS[2]
local reset = { ${LUA_RESET_FIELDS} }
local count = #reset

local function can_move(id)
  local job = source .. id
  if call('HEXISTS', job, 'parentKey') == 1 or call('EXISTS', job .. ':dependencies', job .. ':processed') > 0 then return false end
  return string.match(id, '^%d+$') or call('EXISTS', target .. id) == 0
end
local function move(id)
  local new_id = string.match(id, '^%d+$') and tostring(call('INCR', target .. 'id')) or id
  local dedupe = call('HGET', source .. id, 'deid')
  if dedupe and call('GET', source .. 'de:' .. dedupe) == id then call('DEL', source .. 'de:' .. dedupe) end
  call('RENAME', source .. id, target .. new_id)
  if call('EXISTS', source .. id .. ':logs') == 1 then call('RENAME', source .. id .. ':logs', target .. new_id .. ':logs') end
  if call('EXISTS', ARGV[3] .. id) == 1 then call('RENAME', ARGV[3] .. id, ARGV[4] .. new_id) end
  return new_id
end
local function replay_one(id, score, old, payload, home)
  local job, parent = source .. id, old[count + 3]
  local was, gone = { score = score }, {}
  for place = 1, count do
    local value = old[place]
    if value then
      was[reset[place]] = value
      -- What is written below need not be taken away, and most were not delayed.
      if place <= ${DELETED} then gone[#gone + 1] = reset[place] end
      if place == ${DELAY} and value ~= '0' then call('HSET', job, 'delay', '0') end
    end
  end
  if home then was.home = { home.queue, home.ids[id] or id } end
  if payload then was.data = call('HGET', job, 'data') or nil end
  if parent and call('EXISTS', parent) == 1 then
    local unsuccessful, failed = call('ZSCORE', parent .. ':unsuccessful', job), call('HGET', parent .. ':failed', job)
    if unsuccessful then call('ZREM', parent .. ':unsuccessful', job) elseif failed then call('HDEL', parent .. ':failed', job) end
    if unsuccessful or failed then
      call('SADD', parent .. ':dependencies', job)
      was.unsuccessful, was.failed = unsuccessful or nil, failed or nil
    end
  end
  if moves then
    was.stem, was.once, was.id = source, ARGV[3], id
    id = move(id)
    job = target .. id
    call('XADD', source .. 'events', 'MAXLEN', '~', max_events, '*', 'event', 'removed', 'jobId', was.id, 'prev', 'failed')
  end
  if #gone > 0 then call('HDEL', job, unpack(gone)) end
  local replays = (tonumber(was['jq:replays']) or 0) + 1
  call('HSET', job, 'jq:batch', batch, 'jq:replays', replays, 'jq:was', encode(was))
  if payload then call('HSET', job, 'data', payload) end
  local priority = tonumber(old[count + 2]) or 0
  if priority > 0 then
    call('ZADD', KEYS[3], priority * 0x100000000 + call('INCR', KEYS[4]) % 0x100000000, id)
  end
  return id, priority == 0
end

local function replay(ids, scores, payloads, wanted, home)
  local going, places, olds = {}, {}, {}
  local looked, bytes = 0, 0
  for index, id in ipairs(ids) do
    if bytes > ${MOST_BYTES} then break end
    looked = index
    if scores[index] and (not moves or can_move(id)) then
      local old = redis.pcall('HMGET', source .. id, ${LUA_RESET_FIELDS}, 'timestamp', 'priority', 'parentKey', 'name')
      -- Another program may keep something else there.
      if not old.err and (not wanted or old[count + 4] == wanted) then
        local size = #going + 1
        going[size], places[size], olds[size] = id, index, old
        bytes = bytes + #(old[${ERROR}] or '') + #(old[${RESULT}] or '') + (payloads and #payloads[index] or 0)
      end
    end
  end
  if #going == 0 then return 0, looked end
  call('ZREM', KEYS[1], unpack(going))
  local moved, waiting = {}, {}
  for size, id in ipairs(going) do
    -- An id without a job is only forgotten.
    if olds[size][count + 1] then
      local index = places[size]
      local new_id, is_plain = replay_one(id, scores[index], olds[size], payloads and payloads[index], home)
      moved[#moved + 1] = new_id
      if is_plain then waiting[#waiting + 1] = new_id end
    end
  end
  if #waiting > 0 then call('LPUSH', list, unpack(waiting)) end
  -- What is alike is quicker done in a row.
  for _, id in ipairs(moved) do call('XADD', KEYS[7], '*', 'event', 'waiting', 'jobId', id, 'prev', 'failed') end
  if #moved > 0 then call('XTRIM', KEYS[7], 'MAXLEN', '~', max_events) end
  if #moved > 0 and open then call('ZADD', KEYS[5], 0, '0') end
  return #moved, looked
end
`;

/**
 * Puts dead letters back, as new: attempts fresh, priority kept, the fence (`ats`) untouched; on request with another
 * payload, or in another queue. What they were is kept with them, until they are replayed again.
 *
 *   KEYS[1] failed, of the queue that they died in
 *   KEYS[2] wait  KEYS[3] prioritized  KEYS[4] pc  KEYS[5] marker  KEYS[6] meta  KEYS[7] events  KEYS[8] active
 *   KEYS[9] paused, of the queue that they go to
 *   ARGV[1] stem of the job keys, `bull:mail:`, of the first  ARGV[2] of the second   ARGV[3], ARGV[4] stems of the keys of `once`
 *   ARGV[5] name of the replay   ARGV[6] for jobs that were brought here from a slot of its own: as JSON the `queue` that they
 *   died in, and their `ids` there, by id, where those were others; else ''
 *   ARGV[7] 'ids': ARGV[8…] are job ids; 'payloads': each is followed by its new payload
 *   Returns how many were put back, and how many of the ids were looked at: the others are for another call.
 *   An id that is not dead (any more) is passed over: repeating a call does nothing. So is one that cannot go to another
 *   queue: it belongs to a flow, or there is a job with this id. Numbers are renewed there.
 *   Cost: O(log n) and about 12 µs an id, and what the text takes that comes with them.
 */
export const REPLAY_DEAD = createScript(
  `${REPLAY}
local home = ARGV[6] ~= '' and cjson.decode(ARGV[6])
local stride = ARGV[7] == 'payloads' and 2 or 1
local ids, payloads = {}, stride == 2 and {}
for index = 8, #ARGV, stride do
  ids[#ids + 1] = ARGV[index]
  if payloads then payloads[#ids] = ARGV[index + 1] end
end
return { replay(ids, call('ZMSCORE', KEYS[1], unpack(ids)), payloads, nil, home) }
`,
  9,
);

/**
 * The same for a page of the dead letters of a queue, as {@link SCAN_DEAD} walks over them: what needs no other look at
 * them than at their type is not sent to and fro.
 *
 *   KEYS[1] to KEYS[9], ARGV[1] to ARGV[5] as above
 *   ARGV[6] type, '' for any   ARGV[7] since, ARGV[8] until (epoch ms)
 *   ARGV[9] score and ARGV[10] id of the last one seen, both empty at first   ARGV[11] how many to look at
 *   Returns how many were put back, and score and id of the last one seen, unless there was none to see.
 *   Cost: as above, and O(log² n)
 */
export const REPLAY_PAGE = createScript(
  `${PLACE_AFTER}${REPLAY}
local wanted = ARGV[6] ~= '' and ARGV[6]
local first, latest = place_after(ARGV[7], ARGV[9], ARGV[10]), tonumber(ARGV[8])
local page = call('ZRANGE', KEYS[1], first, first + ARGV[11] - 1, 'WITHSCORES')
local ids, scores = {}, {}
for index = 1, #page, 2 do
  if tonumber(page[index + 1]) > latest then break end
  ids[#ids + 1], scores[#ids + 1] = page[index], page[index + 1]
end
if #ids == 0 then return { 0 } end
local moved, looked = replay(ids, scores, nil, wanted)
return { moved, scores[looked], ids[looked] }
`,
  9,
);
