import type { Broker } from './broker.ts';
import { createScript, runScript } from './script.ts';

/**
 * Counts one more in a span of time that begins with the first.
 *
 *   KEYS[1] count   ARGV[1] length of the span (ms)
 *   Returns {count, ms until it starts anew}. Cost: O(1).
 */
const COUNT = createScript(
  `
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return {count, redis.call('PTTL', KEYS[1])}
`,
  1,
);

/** Counts a request of a caller, over all servers. @returns how many it has sent in the span, and when that ends */
export async function countRequest(
  { redis, keys }: Broker,
  caller: string,
  spanMs: number,
): Promise<{ count: number; endsInMs: number }> {
  const [count, endsInMs] = (await runScript(redis, COUNT, [keys.requests(caller), spanMs])) as [number, number];
  return { count, endsInMs };
}
