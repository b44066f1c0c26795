import type { Broker } from './broker.ts';
import { removeDead } from './dead-letters.ts';
import { ENGINE } from './engine-scripts.ts';
import type { JobState } from './job-state.ts';
import { runScript, runScriptForEach } from './script.ts';
import { REMOVE_WAITING } from './scripts/remove-waiting.ts';

/** How far a waiting job may have been moved by new ones since it was looked at. */
export const SLACK = 2000;

/** Jobs of one state as a scan has found them. */
export interface FoundIds {
  queue: string;
  state: JobState;
  ids: readonly string[];
  /** Where the scan looked: from so many places behind the newest on, so many jobs. */
  start: number;
  length: number;
}

/** Deletes jobs that are not running, in one short call. @returns how many; those that have moved on meanwhile stay */
export async function removeJobs(broker: Broker, { queue, state, ids, start, length }: FoundIds): Promise<number> {
  const { redis, keys } = broker;
  if (state === 'failed')
    return removeDead(
      broker,
      queue,
      ids.map((id) => ({ id })),
    );
  if (state === 'waiting') {
    const removed = await runScript(redis, REMOVE_WAITING, [
      ...(['wait', 'events', 'repeat', 'paused'] as const).map((part) => keys.queue(queue, part)),
      keys.queue(queue, ''),
      keys.once(queue, ''),
      start,
      length + SLACK,
      ...ids,
    ]);
    return removed as number;
  }
  const replies = await runScriptForEach(
    redis,
    ENGINE.removeJob,
    ids.map((id) => [keys.job(queue, id), keys.queue(queue, 'repeat'), id, 0, keys.queue(queue, '')]),
  );
  const gone = ids.filter((_id, index) => replies[index] === 1);
  if (gone.length > 0) await redis.call('UNLINK', ...gone.map((id) => keys.once(queue, id)));
  return gone.length;
}
