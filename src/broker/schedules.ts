import type { Broker } from './broker.ts';
import { type Reply, unwrap } from './redis.ts';

/** What adds jobs to a queue again and again: a job scheduler of BullMQ, as another program has made it. */
export interface ScheduleRecord {
  queue: string;
  id: string;
  /** Of its jobs; null of one that BullMQ 5 kept in another shape. */
  type: string | null;
  /** A pattern of cron, or every so many ms; neither of one that BullMQ 5 kept in another shape. */
  pattern: string | null;
  everyMs: number | null;
  timezone: string | null;
  /** Epoch ms. */
  nextAt: number;
  endsAt: number | null;
  /** Jobs that it has added, and may add at most. */
  runs: number;
  limit: number | null;
}

const FIELDS = ['name', 'pattern', 'every', 'tz', 'endDate', 'ic', 'limit'] as const;

/**
 * The schedules of some queues, those that are due next before the others.
 * @param most that are read
 * @returns them, and how many there are. Cost: two round trips
 */
export async function readSchedules(
  { redis, keys }: Broker,
  queues: readonly string[],
  most: number,
): Promise<{ schedules: ScheduleRecord[]; total: number }> {
  const replies = await redis.pipeline(
    queues.flatMap((queue) => [
      ['ZRANGE', keys.queue(queue, 'repeat'), 0, most - 1, 'WITHSCORES'],
      ['ZCARD', keys.queue(queue, 'repeat')],
    ]),
  );
  const all = queues.flatMap((queue, index) => {
    const due = unwrap<string[]>(replies[2 * index]);
    return Array.from({ length: due.length / 2 }, (_, place) => ({
      queue,
      id: due[2 * place]!,
      nextAt: Number(due[2 * place + 1]),
    }));
  });
  const found = all.toSorted((one, other) => one.nextAt - other.nextAt).slice(0, most);
  const total = queues.reduce((sum, _queue, index) => sum + unwrap<number>(replies[2 * index + 1]), 0);
  const hashes = await redis.pipeline(
    found.map(({ queue, id }) => ['HMGET', `${keys.queue(queue, 'repeat')}:${id}`, ...FIELDS]),
  );
  return { schedules: found.map((each, index) => ({ ...each, ...decode(hashes[index]) })), total };
}

function decode(reply: Reply | Error | undefined): Omit<ScheduleRecord, 'queue' | 'id' | 'nextAt'> {
  // Another program may keep something else there.
  const values = Array.isArray(reply) ? (reply as (string | null)[]) : [];
  const [type = null, pattern = null, every, timezone = null, endDate, runs, limit] = values;
  const number = (text: string | null | undefined): number | null =>
    text != null && Number.isFinite(Number(text)) ? Number(text) : null;
  return {
    type,
    pattern,
    everyMs: number(every),
    timezone,
    endsAt: number(endDate),
    runs: number(runs) ?? 0,
    limit: number(limit),
  };
}
