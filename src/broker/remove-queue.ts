import type { Broker } from './broker.ts';
import type { QueuePart } from './keys.ts';
import { type Reply, unwrap } from './redis.ts';

const PARTS: readonly QueuePart[] = [
  'wait',
  'paused',
  'prioritized',
  'delayed',
  'active',
  'waiting-children',
  'completed',
  'failed',
  'meta',
  'id',
  'events',
  'marker',
  'pc',
  'de',
  'repeat',
  'stalled',
  'stalled-check',
  'limiter',
];
const STEP = 500;

/** Removes a queue that nobody works on, whose jobs have these ids and no others, and every trace that it was there. */
export async function removeQueue(
  { redis, keys }: Pick<Broker, 'redis' | 'keys'>,
  queue: string,
  ids: readonly string[],
): Promise<void> {
  for (let start = 0; start < ids.length; start += STEP) {
    const some = ids.slice(start, start + STEP);
    const of = (id: string): string[] => [keys.job(queue, id), keys.logs(queue, id), `${keys.job(queue, id)}:lock`];
    await redis.call('UNLINK', ...some.flatMap(of));
  }
  const replies = await redis.pipeline([
    ['UNLINK', ...PARTS.map((part) => keys.queue(queue, part))],
    ['SREM', keys.queues, queue],
  ]);
  for (const reply of replies) unwrap<Reply>(reply);
}
