import { createScript } from '../script.ts';

/**
 * Fields of a hash, without those that are too long.
 *
 *   KEYS[1] hash   ARGV[1] bytes that a field may have   ARGV[2…] fields
 *   Returns for each field its text; its length when it is longer; nil when there is none. Cost: O(what it returns).
 */
export const READ_FIELDS_WITHIN = createScript(
  `
local values = {}
for index = 2, #ARGV do
  local length = redis.call('HSTRLEN', KEYS[1], ARGV[index])
  values[index - 1] = length > tonumber(ARGV[1]) and length or redis.call('HGET', KEYS[1], ARGV[index])
end
return values
`,
  1,
);

/**
 * The last entries of a list, without more than a client should have to take.
 *
 *   KEYS[1] list   ARGV[1] entries   ARGV[2] bytes of all of them
 *   Returns how many entries there are, then the last ones, oldest first; the first of these may lack its end.
 *   Cost: O(entries).
 */
export const READ_TAIL_WITHIN = createScript(
  `
local length = redis.call('LLEN', KEYS[1])
local left = tonumber(ARGV[2])
local tail = {}
for index = 1, math.min(length, tonumber(ARGV[1])) do
  if left <= 0 then break end
  local entry = redis.call('LINDEX', KEYS[1], -index)
  table.insert(tail, 1, string.sub(entry, 1, left))
  left = left - #entry
end
table.insert(tail, 1, length)
return tail
`,
  1,
);
