import { createScript } from '../script.ts';

/**
 * HGETALL of hashes, each as one text: a client takes a large part of its time to make hundreds of texts of a reply.
 *
 *   KEYS[…] buckets of figures, any number
 *   Returns of each fields and values in turn, with a NUL after each but the last; '' when there is no such hash. Cost: O(fields).
 */
export const READ_BUCKETS = createScript(
  `
local texts = {}
for index, key in ipairs(KEYS) do
  local flat = redis.pcall('HGETALL', key)
  texts[index] = flat.err and '' or table.concat(flat, '\\0')
end
return texts
`,
  1,
);
