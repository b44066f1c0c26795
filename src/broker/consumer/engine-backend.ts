import {
  type BackendFactory,
  type ConnectionOptions,
  createRedisBackend,
  type KeepJobs,
  raw2NextJobData,
  type RedisQueueBackend,
} from 'bullmq';
import type { Keys } from '../keys.ts';
import type { RedisClock } from '../redis-clock.ts';
import { FINISH_MANY, NOT_PLAIN } from '../scripts/finish-many.ts';
import { createBatcher } from '../../lib/batcher.ts';
import { keepTryingToEnd, noticeRefusals, untilTaken } from './keep-trying.ts';
import { useRedisClock } from './use-redis-clock.ts';

/** One batch is under way while the next is being prepared: more would only wait at the other end. */
const UNDER_WAY = 2;

/** What the scripts need to know beside the jobs. */
export interface EngineBackendOptions {
  keys: Keys;
  clock: Pick<RedisClock, 'now'>;
  queue: string;
  lockMs: number;
  /** For jobs that do not say it themselves. */
  keepCompleted: KeepJobs;
  limiter: { max: number; duration: number } | undefined;
  /** Told of each job whose end Redis has refused for good. */
  onRefused(id: string): void;
}

type Completion = Parameters<RedisQueueBackend['moveToCompleted']>;
type NextJob = Awaited<ReturnType<RedisQueueBackend['moveToCompleted']>>['result'];
interface Finish {
  id: string;
  token: string;
  result: string;
  fetchNext: boolean;
  keep: KeepJobs;
}

const KEY_PARTS = [
  ...(['wait', 'active', 'prioritized', 'events', 'stalled', 'limiter', 'delayed', 'paused', 'meta', 'pc'] as const),
  ...(['completed', 'marker'] as const),
] as const;
const COMMAND = 'jqFinishMany';

/**
 * BullMQ's way to Redis, changed in three respects. Jobs that are done at the same time are completed by one call of a script
 * of ours, not by one each: most of what a short job costs is the call. And the time is that of Redis, so that a local clock
 * that is wrong or steps starts no delayed job early. And how an attempt ended is sent until Redis takes it.
 */
export function createEngineBackend(
  options: EngineBackendOptions,
): BackendFactory<RedisQueueBackend, ConnectionOptions> {
  return (name, engineOptions, how) => {
    const backend = createRedisBackend(name, engineOptions, how);
    completeInBatches(backend, options);
    useRedisClock(backend, options.clock);
    keepTryingToEnd(backend);
    noticeRefusals(backend, options.onRefused);
    return backend;
  };
}

function completeInBatches(backend: RedisQueueBackend, options: EngineBackendOptions): void {
  const { keys, clock, queue, lockMs, keepCompleted, limiter } = options;
  const moveOne = backend.moveToCompleted.bind(backend);
  const scriptKeys = KEY_PARTS.map((part) => keys.queue(queue, part));
  const stem = keys.queue(queue, '');

  async function finishAll(finishes: readonly Finish[]): Promise<unknown[]> {
    const client = await backend.client;
    if (!(COMMAND in client))
      client.defineCommand(COMMAND, { numberOfKeys: FINISH_MANY.keyCount, lua: FINISH_MANY.source });
    // Most often all jobs of a queue are kept alike.
    const keeps: KeepJobs[] = [];
    const jobs = finishes.flatMap(({ id, token, result, fetchNext, keep }) => {
      let which = keeps.findIndex((each) => isSameKeep(each, keep));
      if (which < 0) which = keeps.push(keep) - 1;
      return [id, token, result, fetchNext ? which + 1 : -which - 1];
    });
    const settings = JSON.stringify({ lockMs, keeps, limiter });
    return client.runCommand(COMMAND, [...scriptKeys, stem, clock.now(), settings, ...jobs]) as Promise<unknown[]>;
  }
  const finish = createBatcher(
    (finishes: readonly Finish[]) => untilTaken(backend, () => finishAll(finishes)),
    UNDER_WAY,
  );

  backend.moveToCompleted = async (...completion: Completion) => {
    const [job, value, removeOnComplete, token, fetchNext] = completion;
    const finishedOn = clock.now();
    const reply = await finish({
      id: job.id!,
      token,
      result: JSON.stringify(value) ?? 'null',
      fetchNext: fetchNext && !backend.closing,
      keep: keepOf(removeOnComplete) ?? keepCompleted,
    });
    // What concerns a job's relatives is BullMQ's business.
    if (reply === NOT_PLAIN) return moveOne(...completion);
    if (typeof reply === 'number' && reply < 0) {
      throw backend.finishedErrors({ code: reply, jobId: job.id!, command: 'moveToFinished', state: 'active' });
    }
    return { result: raw2NextJobData(reply as unknown[]) as NextJob, finishedOn };
  };
}

/** `removeOnComplete` of a job as BullMQ's scripts want it: how many are kept, for how many seconds. */
function keepOf(removeOnComplete: boolean | number | KeepJobs | undefined): KeepJobs | undefined {
  if (typeof removeOnComplete === 'number') return { count: removeOnComplete };
  if (typeof removeOnComplete === 'boolean') return { count: removeOnComplete ? 0 : -1 };
  return removeOnComplete;
}

function isSameKeep(one: KeepJobs, other: KeepJobs): boolean {
  const [a, b]: Partial<Record<'age' | 'count' | 'limit', number>>[] = [one, other];
  return a!.age === b!.age && a!.count === b!.count && a!.limit === b!.limit;
}
