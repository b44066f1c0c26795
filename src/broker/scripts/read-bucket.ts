import { createScript } from '../script.ts';

/**
 * HGETALL as one text: a client takes a large part of its time to make hundreds of texts of a reply.
 *
 *   KEYS[1] a bucket of figures
 *   Returns fields and values in turn, with a NUL after each but the last; '' when there is no such hash. Cost: O(fields).
 */
export const READ_BUCKET = createScript(
  `
local flat = redis.pcall('HGETALL', KEYS[1])
return flat.err and '' or table.concat(flat, '\\0')
`,
  1,
);
