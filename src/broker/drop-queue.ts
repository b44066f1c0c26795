import type { Broker } from './broker.ts';
import { type Reply, unwrap } from './redis.ts';
import { runScript } from './script.ts';
import { DROP_QUEUE } from './scripts/drop-queue.ts';

const PARTS = [
  ...(['wait', 'paused', 'active', 'prioritized', 'delayed', 'waiting-children', 'completed', 'failed'] as const),
  ...(['meta', 'id', 'events', 'marker', 'pc', 'repeat', 'stalled', 'stalled-check', 'limiter'] as const),
  ...(['metrics:failed', 'metrics:failed:data', 'metrics:completed', 'metrics:completed:data'] as const),
] as const;

/** Takes away a queue that has no job; see {@link DROP_QUEUE}. @returns false when it has one, and so stays */
export async function dropQueue({ redis, keys }: Broker, queue: string): Promise<boolean> {
  const stem = keys.queue(queue, '');
  if (
    (await runScript(
      redis,
      DROP_QUEUE,
      PARTS.map((part) => `${stem}${part}`),
    )) === 0
  )
    return false;
  const replies = await redis.pipeline([
    ['SREM', keys.queues, queue],
    ['HDEL', keys.pauses, queue],
  ]);
  for (const reply of replies) unwrap<Reply>(reply);
  return true;
}

/** Ends the schedulers of a queue, so that the next job of each is a job like any other. */
export async function dropSchedulers({ redis, keys }: Broker, queue: string): Promise<void> {
  const repeat = keys.queue(queue, 'repeat');
  const ids = (await redis.call('ZRANGE', repeat, 0, -1)) as string[];
  if (ids.length > 0) await redis.call('UNLINK', repeat, ...ids.map((id) => `${repeat}:${id}`));
}
