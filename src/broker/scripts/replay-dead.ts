import { createScript } from '../script.ts';
import { PLACE_AFTER } from './scan-dead.ts';

/**
 * What of a dead letter a replay takes away or overwrites. `jq:was` keeps it for {@link UNDO_REPLAY}: a list of these in
 * their order, then the score, unless it is that of `finishedOn`, as BullMQ has it, then what else was changed, by name.
 */
export const RESET_FIELDS = [
  'finishedOn',
  'processedOn',
  'failedReason',
  'atm',
  'returnvalue',
  'stc',
  'defa',
  'jq:points',
  'delay',
  'jq:replayed',
] as const;

/** Where Lua finds them. */
export const PLACE = Object.fromEntries(RESET_FIELDS.map((field, index) => [field, index + 1])) as Record<
  (typeof RESET_FIELDS)[number],
  number
>;

const quoted = (fields: readonly string[]): string => fields.map((field) => `'${field}'`).join(', ');

export const LUA_RESET_FIELDS = quoted(RESET_FIELDS);

/** Those that are deleted; the others are written anew. Nearly all letters have the first ones, few the others. */
const USUAL = quoted(RESET_FIELDS.slice(0, PLACE.atm));
const RARE = RESET_FIELDS.slice(PLACE.atm, PLACE['jq:points']);

/** Text of errors and results, and new payloads, that one call takes in hand. */
export const MOST_BYTES = 1_000_000;

/**
 * `replay(letters, payloads, wanted, home)` puts those back that have a score and are of the wanted type, if there is one:
 * `letters` are ids, each followed by its score; `home` is where those died that were brought here from another slot.
 * Returns how many it did, and how many it has looked at: not all, when much text comes with them.
 *
 * Calls are most of what a letter costs, not Lua: each argument of one that writes takes 0.2 µs, as it is copied, kept for the
 * append-only file, written and freed, and each field that is read half of that. Measured on pages by turns: what few
 * letters have is deleted apart, 5 % less; name and number of replays are one field, 4 %; the reply itself is what is kept, 3 %.
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
local count = ${RESET_FIELDS.length}
local first_time = '1 ' .. batch

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
  local job, priority, parent = source .. id, tonumber(old[count + 1]) or 0, old[count + 2]
  local more = (moves or payload or home or parent) and {} or nil
  if home then more.home = { home.queue, home.ids[id] or id } end
  if payload then more.data = call('HGET', job, 'data') or nil end
  if parent and call('EXISTS', parent) == 1 then
    local unsuccessful, failed = call('ZSCORE', parent .. ':unsuccessful', job), call('HGET', parent .. ':failed', job)
    if unsuccessful then call('ZREM', parent .. ':unsuccessful', job) elseif failed then call('HDEL', parent .. ':failed', job) end
    if unsuccessful or failed then
      call('SADD', parent .. ':dependencies', job)
      more.unsuccessful, more.failed = unsuccessful or nil, failed or nil
    end
  end
  if moves then
    more.stem, more.once, more.id = source, ARGV[3], id
    id = move(id)
    job = target .. id
    call('XADD', source .. 'events', 'MAXLEN', '~', max_events, '*', 'event', 'removed', 'jobId', more.id, 'prev', 'failed')
  end
  local replayed, delay = old[${PLACE['jq:replayed']}], old[${PLACE.delay}]
  local times = replayed and (tonumber(string.match(replayed, '^%d+')) or 0) + 1 .. ' ' .. batch or first_time
  call('HDEL', job, ${USUAL})
  if ${RARE.map((field) => `old[${PLACE[field]}]`).join(' or ')} then call('HDEL', job, ${quoted(RARE)}) end
  if delay and delay ~= '0' then call('HSET', job, 'delay', '0') end
  old[count + 1], old[count + 2], old[count + 3] = score ~= old[${PLACE.finishedOn}] and score, more, nil
  call('HSET', job, 'jq:replayed', times, 'jq:was', encode(old))
  if payload then call('HSET', job, 'data', payload) end
  if priority > 0 then
    call('ZADD', KEYS[3], priority * 0x100000000 + call('INCR', KEYS[4]) % 0x100000000, id)
  end
  return id, priority == 0
end

local function replay(letters, payloads, wanted, home)
  local going, places, olds = {}, {}, {}
  local looked, bytes = 0, 0
  for index = 1, #letters / 2 do
    if bytes > ${MOST_BYTES} then break end
    looked = index
    local id = letters[2 * index - 1]
    if letters[2 * index] and (not moves or can_move(id)) then
      local old = redis.pcall('HMGET', source .. id, ${LUA_RESET_FIELDS}, 'priority', 'parentKey', 'name')
      -- Another program may keep something else there.
      if not old.err and (not wanted or old[count + 3] == wanted) then
        local size = #going + 1
        going[size], places[size], olds[size] = id, index, old
        bytes = bytes + #(old[${PLACE.failedReason}] or '') + #(old[${PLACE.returnvalue}] or '') + (payloads and #payloads[index] or 0)
      end
    end
  end
  if #going == 0 then return 0, looked end
  call('ZREM', KEYS[1], unpack(going))
  local moved, waiting = {}, {}
  for size, id in ipairs(going) do
    -- An id without a job is only forgotten.
    if olds[size][count + 3] then
      local index = places[size]
      local new_id, is_plain = replay_one(id, letters[2 * index], olds[size], payloads and payloads[index], home)
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
 *   Cost: O(log n) and about 10 µs an id, and what the text takes that comes with them.
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
local letters = {}
for index, score in ipairs(call('ZMSCORE', KEYS[1], unpack(ids))) do
  letters[2 * index - 1], letters[2 * index] = ids[index], score
end
return { replay(letters, payloads, nil, home) }
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
local first, after = place_after(ARGV[7], ARGV[9], ARGV[10]), call('ZCOUNT', KEYS[1], '-inf', ARGV[8])
local last = math.min(first + ARGV[11], after) - 1
local letters = last < first and {} or call('ZRANGE', KEYS[1], first, last, 'WITHSCORES')
if #letters == 0 then return { 0 } end
local moved, looked = replay(letters, nil, wanted)
return { moved, letters[2 * looked], letters[2 * looked - 1] }
`,
  9,
);
