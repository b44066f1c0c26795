import type { Broker } from './broker.ts';
import { type JobState, JOB_STATES } from './job-state.ts';
import { decodeSettings, type QueueSettings } from './queue-settings.ts';
import { eachRead, readEach } from './read-each.ts';
import type { Argument, Reply, ReplyError } from './redis.ts';
import { READ_QUEUES } from './scripts/read-queues.ts';

/** A queue at one moment. */
export interface QueueLook {
  name: string;
  counts: Record<JobState, number>;
  /** Jobs that were ever added to it. */
  added: number;
  settings: QueueSettings;
  /** When the job at the head of the waiting list became due (epoch ms). */
  oldestDueAt: number | null;
  /** The job that died last, with its score in `failed`. */
  newestDead: { id: string; score: string } | null;
}

/** Commands that read queues, for {@link decodeQueues}. */
export const readQueues = (broker: Broker, queues: readonly string[]): Argument[][] =>
  readEach(
    broker,
    READ_QUEUES,
    queues.map((queue) => broker.keys.queue(queue, '')),
  );

type Read = [counts: number[], added: string, meta: (string | null)[], oldest: string[], dead: string[]];

/** The replies to {@link readQueues}. @param pauses notes of who paused which queue */
export const decodeQueues = (
  queues: readonly string[],
  replies: readonly (Reply | ReplyError)[],
  pauses: Readonly<Record<string, string>>,
): QueueLook[] =>
  eachRead<Read>(replies).map(([counts, added, meta, oldest, dead], index) => ({
    name: queues[index]!,
    counts: Object.fromEntries(JOB_STATES.map((state, place) => [state, counts[place]!])) as Record<JobState, number>,
    added: Number(added) || 0,
    settings: decodeSettings(meta, pauses[queues[index]!] ?? null),
    oldestDueAt: oldest[0] === undefined ? null : Number(oldest[0]) + Number(oldest[1]),
    newestDead: dead[0] === undefined ? null : { id: dead[0], score: dead[1]! },
  }));
