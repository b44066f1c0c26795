import { createScript } from '../script.ts';

/** Of a longer message only so much is read: what bulk work holds in memory must not be up to whoever wrote it. */
export const LONGEST_MESSAGE = 4096;

/**
 * `describe(id, score)` adds to `found` what a scan tells of a job: id, score, type, message, name of the error.
 * BullMQ keeps the name only as the first word of the stacks, which are too long to send: the text before the message.
 */
const DESCRIBE = `
local found, bytes = {}, 0
local function name_in(stacks, message)
  -- Up to what JSON writes differently.
  local head = string.match(string.sub(message, 1, 80), '^[^%c"\\\\]*')
  local at = head ~= '' and string.find(stacks, ': ' .. head, 1, true)
  if not at then return '' end
  local before = string.gsub(string.sub(stacks, math.max(1, at - 80), at - 1), ' %[[%w_]+%]$', '')
  return string.match(before, '[%a_$][%w_$.]*$') or ''
end
local DETAILS = {
  type = { 'name' },
  message = { 'name', 'failedReason' },
  name = { 'name', 'failedReason', 'stacktrace' },
}
local function describe(id, score, detail)
  local job = redis.pcall('HMGET', ARGV[1] .. id, unpack(DETAILS[detail]))
  -- Another program may keep something else there.
  if job.err then job = {} end
  local message = string.sub(job[2] or '', 1, ${LONGEST_MESSAGE})
  local name = job[3] and name_in(job[3], message) or ''
  local size = #found
  found[size + 1], found[size + 2], found[size + 3], found[size + 4], found[size + 5] = id, score, job[1] or '', message, name
  bytes = bytes + #message + (job[3] and #job[3] or 0)
end
`;

/**
 * `place_after(since, score, id)` is the rank in KEYS[1] where a page begins: behind the last one seen, which may be gone,
 * or at the first that died at `since` or later.
 */
export const PLACE_AFTER = `
-- As Redis orders members; Lua itself would go by the locale.
local function is_after(a, b)
  for index = 1, math.min(#a, #b) do
    local x, y = string.byte(a, index), string.byte(b, index)
    if x ~= y then return x > y end
  end
  return #a > #b
end
local function place_after(since, score, id)
  if id == '' then return redis.call('ZCOUNT', KEYS[1], '-inf', '(' .. since) end
  if redis.call('ZSCORE', KEYS[1], id) == score then return redis.call('ZRANK', KEYS[1], id) + 1 end
  local low, high = redis.call('ZCOUNT', KEYS[1], '-inf', '(' .. score), redis.call('ZCOUNT', KEYS[1], '-inf', score)
  while low < high do
    local middle = math.floor((low + high) / 2)
    if is_after(redis.call('ZRANGE', KEYS[1], middle, middle)[1], id) then high = middle else low = middle + 1 end
  end
  return low
end
`;

/**
 * A page of dead letters, oldest first, after the place where the last page ended; that one may be gone since.
 *
 *   KEYS[1] failed
 *   ARGV[1] stem of the job keys, `bull:mail:`   ARGV[2] since, ARGV[3] until (epoch ms)
 *   ARGV[4] score and ARGV[5] id of the last one seen, both empty at first   ARGV[6] how many   ARGV[7] how much of each:
 *   'type', 'message' (with it), or 'name' (of the error, too)
 *   Returns id, score, type, message, name of the error of each, flat; nothing when there are no more.
 *   Cost: O(log² n), and about 4 µs for each one, or what 4 MB of text take: then the page is shorter.
 */
export const SCAN_DEAD = createScript(
  `${PLACE_AFTER}${DESCRIBE}
local first, latest = place_after(ARGV[2], ARGV[4], ARGV[5]), tonumber(ARGV[3])
local page = redis.call('ZRANGE', KEYS[1], first, first + ARGV[6] - 1, 'WITHSCORES')
for index = 1, #page, 2 do
  if tonumber(page[index + 1]) > latest or bytes > 4194304 then break end
  describe(page[index], page[index + 1], ARGV[7])
end
return found
`,
  1,
);

/**
 * Those of some jobs that are dead.
 *
 *   KEYS[1] failed
 *   ARGV[1] stem of the job keys   ARGV[2…] job ids
 *   Returns what {@link SCAN_DEAD} does, with names of errors. Cost: a few µs an id.
 */
export const FIND_DEAD = createScript(
  `${DESCRIBE}
for index = 2, #ARGV do
  local score = redis.call('ZSCORE', KEYS[1], ARGV[index])
  if score then describe(ARGV[index], score, 'name') end
end
return found
`,
  1,
);
