import type { Broker } from './broker.ts';
import { createScript, runScript } from './script.ts';

/**
 * BullMQ 5 keeps the waiting jobs of a paused queue in a list of their own, which takes the place of the other one when the
 * queue goes on: what stands in the other one by then is forgotten. BullMQ 6 knows one list only. So what its scripts have
 * put there, in a queue that is paused and that BullMQ 5 has made, is put aside, the newest last.
 *
 *   KEYS[1] meta  KEYS[2] wait  KEYS[3] paused   ARGV[1] how many at most
 *   Returns how many were put aside. Cost: O(1) when all are, else about 1 µs each
 */
const SET_ASIDE = createScript(
  `
local meta = redis.call('HMGET', KEYS[1], 'paused', 'version')
local aside = redis.call('LLEN', KEYS[3])
if not meta[1] or not (aside > 0 or string.match(meta[2] or '', '^bullmq[%-%a]*:[1-5]%.')) then return 0 end
local waits = redis.call('LLEN', KEYS[2])
if waits > 0 and aside == 0 then
  redis.call('RENAME', KEYS[2], KEYS[3])
  return 0
end
local moving = math.min(waits, tonumber(ARGV[1]))
for _ = 1, moving do redis.call('RPOPLPUSH', KEYS[2], KEYS[3]) end
return moving
`,
  3,
);
/** Jobs in one call, so that no call holds Redis for long. */
const STEP = 1000;

/** See {@link SET_ASIDE}. */
export async function setAside({ redis, keys }: Pick<Broker, 'redis' | 'keys'>, queue: string): Promise<void> {
  const names = (['meta', 'wait', 'paused'] as const).map((part) => keys.queue(queue, part));
  for (let moved = STEP; moved === STEP;) moved = (await runScript(redis, SET_ASIDE, [...names, STEP])) as number;
}
