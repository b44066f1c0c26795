import type { Broker } from './broker.ts';
import { ENGINE } from './engine-scripts.ts';
import { runScript } from './script.ts';

/** Deletes one job from whatever state it is in. @returns false when it is running, and so stays */
export async function removeJob({ redis, keys }: Broker, queue: string, id: string): Promise<boolean> {
  const removed = await runScript(redis, ENGINE.removeJob, [
    keys.job(queue, id),
    keys.queue(queue, 'repeat'),
    id,
    0,
    keys.queue(queue, ''),
  ]);
  if (removed !== 1) return false;
  await redis.call('UNLINK', keys.once(queue, id));
  return true;
}
