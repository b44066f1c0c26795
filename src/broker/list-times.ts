import type { Broker } from './broker.ts';
import type { JobState } from './job-state.ts';
import { listIds, STATE_SETS } from './read-jobs.ts';
import { type Reply, ReplyError } from './redis.ts';

/** A job by where it is and the time that its state is put in order by, epoch ms. */
export interface JobTime {
  queue: string;
  id: string;
  at: number;
}

/** States whose sets are in the order of a time, with what the score must be divided by to be it. */
const SCORED: Partial<Record<JobState, number>> = { completed: 1, failed: 1, delayed: 0x1000 };

/**
 * The first jobs of a state in each of some queues, newest or oldest first: by the end of those that have ended, by when
 * they are due of the delayed, by their beginning of all others. Cost: two round trips, `amount` ids a queue.
 */
export async function listTimes(
  broker: Broker,
  queues: readonly string[],
  state: JobState,
  { amount, order }: { amount: number; order: 'newest' | 'oldest' },
): Promise<JobTime[]> {
  const { redis, keys } = broker;
  const divisor = SCORED[state];
  if (divisor !== undefined) {
    const command = order === 'newest' ? 'ZREVRANGE' : 'ZRANGE';
    const replies = await redis.pipeline(
      queues.map((queue) => [command, keys.queue(queue, STATE_SETS[state].part), 0, amount - 1, 'WITHSCORES']),
    );
    return queues.flatMap((queue, index) => {
      const reply = replies[index];
      // Another program may keep something else there.
      const flat = reply instanceof ReplyError ? [] : (reply as string[]);
      return Array.from({ length: flat.length / 2 }, (_, row) => ({
        queue,
        id: flat[row * 2]!,
        at: Math.floor(Number(flat[row * 2 + 1]) / divisor),
      }));
    });
  }
  const found = (
    await Promise.all(
      queues.map(async (queue) => {
        const offset = order === 'newest' ? 0 : -amount;
        return (await listIds(broker, queue, state, offset, amount)).map((id) => ({ queue, id }));
      }),
    )
  ).flat();
  const times = await redis.pipeline(found.map(({ queue, id }) => ['HGET', keys.job(queue, id), 'timestamp']));
  return found.map(({ queue, id }, index) => ({ queue, id, at: Number(times[index] as Reply) || 0 }));
}
