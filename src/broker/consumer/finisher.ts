import type { KeepJobs, RedisQueueBackend } from 'bullmq';
import { createBatcher } from '../../lib/batcher.ts';
import type { Keys } from '../keys.ts';
import type { RedisClock } from '../redis-clock.ts';
import { FINISH_MANY } from '../scripts/finish-many.ts';
import { untilTaken } from './keep-trying.ts';
import { toLocalTime } from './use-redis-clock.ts';

/** What the script needs to know beside the jobs. */
export interface FinisherOptions {
  keys: Keys;
  clock: Pick<RedisClock, 'now'>;
  queue: string;
  lockMs: number;
  /** For jobs that do not say it themselves. */
  keepCompleted: KeepJobs;
  limiter: { max: number; duration: number } | undefined;
}

/** A job that is done. */
export interface Finish {
  id: string;
  token: string;
  /** As JSON. */
  result: string;
  /** Whether the next job is taken in its place. */
  takesNext: boolean;
  removeOnComplete: boolean | number | KeepJobs | undefined;
}

/** A job's hash, `[field, value, …]`, its id, how long (ms) the rate is used up, when the next delayed job is due. */
export type NextJob = readonly [hash: readonly string[] | 0, id: string | 0, limitedMs?: number, nextAt?: number];
/** 0 is: no other job; below 0 an error code. */
export type FinishAnswer = NextJob | number;

const KEY_PARTS = [
  ...(['wait', 'active', 'prioritized', 'events', 'stalled', 'limiter', 'delayed', 'paused', 'meta', 'pc'] as const),
  ...(['completed', 'marker'] as const),
] as const;
/** One batch is under way while the next is being prepared: more would only wait at the other end. */
const UNDER_WAY = 2;
const COMMAND = 'jqFinishMany';

/** Completes jobs: those that are done at the same time by one call of a script, as most of what a short job costs is the call. */
export function createFinisher(
  backend: RedisQueueBackend,
  { keys, clock, queue, lockMs, keepCompleted, limiter }: FinisherOptions,
): (finish: Finish) => Promise<FinishAnswer> {
  const scriptKeys = KEY_PARTS.map((part) => keys.queue(queue, part));
  const stem = keys.queue(queue, '');

  async function finishAll(finishes: readonly Finish[]): Promise<FinishAnswer[]> {
    const client = await backend.client;
    if (!(COMMAND in client))
      client.defineCommand(COMMAND, { numberOfKeys: FINISH_MANY.keyCount, lua: FINISH_MANY.source });
    // Most often all jobs of a queue are kept alike.
    const keeps: KeepJobs[] = [];
    const jobs: (string | number)[] = [];
    for (const { id, token, result, takesNext, removeOnComplete } of finishes) {
      const keep = keepOf(removeOnComplete) ?? keepCompleted;
      let which = keeps.findIndex((each) => each === keep || isSameKeep(each, keep));
      if (which < 0) which = keeps.push(keep) - 1;
      jobs.push(id, token, result, takesNext ? which + 1 : -which - 1);
    }
    const settings = JSON.stringify({ lockMs, keeps, limiter });
    const answers = await client.runCommand(COMMAND, [...scriptKeys, stem, clock.now(), settings, ...jobs]);
    return (JSON.parse(answers as string) as FinishAnswer[]).map((answer) => toLocalTime(answer, clock));
  }
  return createBatcher((finishes: readonly Finish[]) => untilTaken(backend, () => finishAll(finishes)), {
    mostUnderWay: UNDER_WAY,
  });
}

/** `removeOnComplete` of a job as BullMQ's scripts want it: how many are kept, for how many seconds. */
function keepOf(removeOnComplete: Finish['removeOnComplete']): KeepJobs | undefined {
  if (typeof removeOnComplete === 'number') return { count: removeOnComplete };
  if (typeof removeOnComplete === 'boolean') return { count: removeOnComplete ? 0 : -1 };
  return removeOnComplete;
}

function isSameKeep(one: KeepJobs, other: KeepJobs): boolean {
  const [a, b]: Partial<Record<'age' | 'count' | 'limit', number>>[] = [one, other];
  return a!.age === b!.age && a!.count === b!.count && a!.limit === b!.limit;
}
