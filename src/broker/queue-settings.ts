import type { Broker } from './broker.ts';
import { registerQueues } from './queues.ts';
import { type Reply, ReplyError, unwrap } from './redis.ts';

/** What holds for a queue whoever works on it. BullMQ keeps it in the queue's `meta`; who paused it is ours. */
export interface QueueSettings {
  paused: boolean;
  /** Null when it was another program. */
  pausedBy: string | null;
  pausedAt: number | null;
  /** Jobs that all workers together run at a time; null is no limit. */
  concurrency: number | null;
  /** Jobs that all workers together start in a time; null is no limit. */
  rate: { max: number; perMs: number } | null;
}

export type QueueLimits = Partial<Pick<QueueSettings, 'concurrency' | 'rate'>>;

const FIELDS = ['paused', 'concurrency', 'max', 'duration'] as const;

/** The settings of queues, in one round trip. */
export async function readQueueSettings(
  { redis, keys }: Broker,
  queues: readonly string[],
): Promise<Map<string, QueueSettings>> {
  if (queues.length === 0) return new Map();
  const [pauses, ...replies] = await redis.pipeline([
    ['HMGET', keys.pauses, ...queues],
    ...queues.map((queue) => ['HMGET', keys.queue(queue, 'meta'), ...FIELDS]),
  ]);
  const notes = unwrap<(string | null)[]>(pauses);
  // Another program may keep something else under this name.
  const valuesOf = (reply: Reply | ReplyError | undefined): (string | null)[] =>
    reply instanceof ReplyError ? [] : unwrap(reply);
  return new Map(queues.map((queue, index) => [queue, decodeSettings(valuesOf(replies[index]), notes[index] ?? null)]));
}

/** @param values of the fields of `meta`, in the order of paused, concurrency, max, duration; @param note of who paused it */
export function decodeSettings(values: readonly (string | null)[], note: string | null): QueueSettings {
  const [paused, concurrency, max, duration] = values;
  const isPaused = (paused ?? null) !== null;
  const { by = null, at = null } = (isPaused && note !== null ? JSON.parse(note) : {}) as { by?: string; at?: number };
  const number = (text: string | null | undefined) =>
    text == null || !Number.isFinite(Number(text)) ? null : Number(text);
  return {
    paused: isPaused,
    pausedBy: by,
    pausedAt: at,
    concurrency: number(concurrency),
    rate: number(max) === null || number(duration) === null ? null : { max: number(max)!, perMs: number(duration)! },
  };
}

/**
 * Changes the limits of a queue, over all its workers; what is left out stays, null takes a limit away. It holds from the
 * next job on: what was counted under another rate is forgotten, and a worker that waits is woken.
 */
export async function setQueueLimits(broker: Broker, queue: string, { concurrency, rate }: QueueLimits): Promise<void> {
  const { redis, keys } = broker;
  const meta = keys.queue(queue, 'meta');
  const set = (field: (typeof FIELDS)[number], value: number | null): (string | number)[] =>
    value === null ? ['HDEL', meta, field] : ['HSET', meta, field, value];
  await registerQueues(broker, [queue]);
  const replies = await redis.pipeline([
    ['MULTI'],
    ...(concurrency === undefined ? [] : [set('concurrency', concurrency)]),
    ...(rate === undefined
      ? []
      : [set('max', rate?.max ?? null), set('duration', rate?.perMs ?? null), ['DEL', keys.queue(queue, 'limiter')]]),
    ['EXEC'],
  ]);
  for (const reply of replies) unwrap(reply);
  const [paused, waiting, prioritized] = await redis.pipeline([
    ['HEXISTS', meta, 'paused'],
    ['LLEN', keys.queue(queue, 'wait')],
    ['ZCARD', keys.queue(queue, 'prioritized')],
  ]);
  if (unwrap(paused) === 0 && unwrap<number>(waiting) + unwrap<number>(prioritized) > 0) {
    await redis.call('ZADD', keys.queue(queue, 'marker'), 0, '0');
  }
}

/** As many jobs BullMQ counts where it was told to start none for a time. */
const TOLD_TO_WAIT = Number.MAX_SAFE_INTEGER;

/**
 * For how long yet (ms) no job of a queue is started because as many were as its rate allows; 0 when there is no such wait.
 * @param workersMax what its workers are limited to themselves, where that is known: it holds where the queue says nothing
 */
export async function readLimitedMs(
  { redis, keys }: Broker,
  queue: string,
  workersMax = TOLD_TO_WAIT,
): Promise<number> {
  const limiter = keys.queue(queue, 'limiter');
  const replies = await redis.pipeline([
    ['GET', limiter],
    ['PTTL', limiter],
    ['HGET', keys.queue(queue, 'meta'), 'max'],
  ]);
  // Another program may keep something else under these names.
  const [started, leftMs, max] = replies.map((reply) => (reply instanceof ReplyError ? null : reply));
  return Number(started ?? 0) >= Number(max ?? workersMax) ? Math.max(0, Number(leftMs ?? 0)) : 0;
}
