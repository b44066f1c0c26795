import type { Broker } from './broker.ts';
import { ENGINE } from './engine-scripts.ts';
import { registerQueues } from './queues.ts';
import { runScript } from './script.ts';
import { setAside } from './set-aside.ts';

/** Lets no worker take a job of this queue, and keeps who wanted it. What runs goes on. */
export async function pauseQueue(broker: Broker, queue: string, by: string): Promise<void> {
  const { redis, keys, clock } = broker;
  // Who paused it first is who paused it.
  const isPaused = await redis.call('HEXISTS', keys.queue(queue, 'meta'), 'paused');
  if (isPaused === 1) return;
  // Before: a note on a queue that is not paused means nothing.
  await redis.call('HSET', keys.pauses, queue, JSON.stringify({ by, at: clock.now() }));
  await switchQueue(broker, queue, 'paused');
  await setAside(broker, queue);
}

/** Lets workers take jobs of this queue again. */
export async function resumeQueue(broker: Broker, queue: string): Promise<void> {
  await switchQueue(broker, queue, 'resumed');
  await broker.redis.call('HDEL', broker.keys.pauses, queue);
}

async function switchQueue(broker: Broker, queue: string, to: 'paused' | 'resumed'): Promise<void> {
  const { redis, keys } = broker;
  await registerQueues(broker, [queue]);
  const lists = to === 'paused' ? (['wait', 'paused'] as const) : (['paused', 'wait'] as const);
  const parts = [...lists, 'meta', 'prioritized', 'events', 'delayed', 'marker'] as const;
  const args = parts.map((part) => keys.queue(queue, part));
  // A queue that BullMQ 5 has paused keeps its jobs in another list: each call brings some of them back.
  for (let left = 1, first = true; left > 0; first = false) {
    left = (await runScript(redis, ENGINE.pause, [...args, to, first ? 1 : 0])) as number;
  }
}
