import type { Broker } from './broker.ts';
import { ENGINE } from './engine-scripts.ts';
import { runScriptForEach } from './script.ts';
import { setAside } from './set-aside.ts';

const PARTS = ['delayed', 'wait', 'paused', 'meta', 'prioritized', 'active', 'pc', 'events', 'marker'] as const;

/** Lets delayed jobs wait for their turn at once, their priority kept. @returns how many; those that are not delayed (any more) stay */
export async function promoteJobs(broker: Broker, queue: string, ids: readonly string[]): Promise<number> {
  const { redis, keys } = broker;
  const names = PARTS.map((part) => keys.queue(queue, part));
  const replies = await runScriptForEach(
    redis,
    ENGINE.promote,
    ids.map((id) => [...names, keys.queue(queue, ''), id]),
  );
  await setAside(broker, queue);
  return replies.filter((reply) => reply === 0).length;
}
