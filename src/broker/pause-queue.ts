import type { Broker } from './broker.ts';
import { ENGINE } from './engine-scripts.ts';
import { registerQueues } from './queues.ts';
import { runScript } from './script.ts';

/** Lets no worker take a job of this queue, or lets them again. What runs goes on. */
export async function pauseQueue(broker: Broker, queue: string, paused: boolean): Promise<void> {
  const { redis, keys } = broker;
  await registerQueues(broker, [queue]);
  const lists = paused ? (['wait', 'paused'] as const) : (['paused', 'wait'] as const);
  const parts = [...lists, 'meta', 'prioritized', 'events', 'delayed', 'marker'] as const;
  const args = parts.map((part) => keys.queue(queue, part));
  // A queue that BullMQ 5 has paused keeps its jobs in another list: each call brings some of them back.
  for (let left = 1, first = true; left > 0; first = false) {
    left = (await runScript(redis, ENGINE.pause, [...args, paused ? 'paused' : 'resumed', first ? 1 : 0])) as number;
  }
}
