import type { Broker } from './broker.ts';
import { type JobState, JOB_STATES } from './job-state.ts';
import { decodeSettings, type QueueSettings } from './queue-settings.ts';
import { STATE_SETS } from './read-jobs.ts';
import { type Argument, type Reply, type ReplyError, unwrap } from './redis.ts';
import { READ_QUEUE } from './scripts/read-queue.ts';

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

/** Commands that read queues: one for each, after one that makes the script known. */
export const readQueues = ({ keys }: Broker, queues: readonly string[]): Argument[][] => [
  ['SCRIPT', 'LOAD', READ_QUEUE.source],
  ...queues.map((queue) => [
    'EVALSHA',
    READ_QUEUE.sha1,
    READ_QUEUE.keyCount,
    ...JOB_STATES.map((state) => keys.queue(queue, STATE_SETS[state].part)),
    keys.queue(queue, 'meta'),
    keys.queue(queue, 'id'),
    keys.queue(queue, 'paused'),
    keys.queue(queue, ''),
  ]),
];

/** The replies to {@link readQueues}. @param pauses notes of who paused which queue */
export function decodeQueues(
  queues: readonly string[],
  [loaded, ...replies]: readonly (Reply | ReplyError)[],
  pauses: Readonly<Record<string, string>>,
): QueueLook[] {
  unwrap(loaded);
  return queues.map((name, index) => {
    const [counts, added, meta, oldest, dead] = unwrap<[number[], string, (string | null)[], string[], string[]]>(
      replies[index],
    );
    return {
      name,
      counts: Object.fromEntries(JOB_STATES.map((state, place) => [state, counts[place]!])) as Record<JobState, number>,
      added: Number(added) || 0,
      settings: decodeSettings(meta, pauses[name] ?? null),
      oldestDueAt: oldest[0] === undefined ? null : Number(oldest[0]) + Number(oldest[1]),
      newestDead: dead[0] === undefined ? null : { id: dead[0], score: dead[1]! },
    };
  });
}
