import { DelayedError, type Job as EngineJob, UnrecoverableError, WaitingError, Worker } from 'bullmq';
import { now } from '../lib/clock.ts';
import { fulfilsWithin } from '../lib/fulfils-within.ts';
import type { Json } from '../lib/json.ts';
import { toTime } from '../lib/time.ts';
import type { Broker } from './broker.ts';
import type { JobExtras } from './add-jobs.ts';
import type { LockKeeper } from './locks/lock-keeper.ts';
import { connectionOptions } from './lasting-redis.ts';

/** How long a lock lasts that nobody keeps. */
export const LOCK_MS = 15_000;

// BullMQ's defaults lose or bury healthy jobs when workers come and go; each of these says otherwise.
const SETTINGS = {
  lockDuration: LOCK_MS,
  stalledInterval: 5000,
  // A job whose worker died has done nothing wrong. Short of a poison job it must never be buried for that.
  maxStalledCount: 25,
  drainDelay: 5,
  runRetryDelay: 1000,
} as const;

const FAREWELL_MS = 2500;
const LAST_WORDS_MS = 500;
/** How many log lines are kept with a job. */
const KEPT_LOGS = 1000;

/** One attempt of one job, as BullMQ hands it out. */
export interface Delivery {
  readonly id: string;
  readonly type: string;
  readonly queue: string;
  readonly payload: Json;
  /** From 1. */
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly createdAt: Date;
  /** When it became due: it waits for a worker since then. */
  readonly dueAt: Date;
  /** Rises with every start of the job, also over replays: 1 is its very first. */
  readonly fence: number;
  readonly extras: Partial<JobExtras>;
  /** It was in hand when a worker ended: it may be what ended it. */
  readonly isSuspect: boolean;
  /** Aborts when the lock of the job is lost: it may run elsewhere already. */
  readonly lockLost: AbortSignal;
  log(line: string): Promise<void>;
  progress(percent: number): Promise<void>;
}

/** How an attempt ended; the consumer makes BullMQ's state of it. */
export type AttemptEnd =
  | { kind: 'completed'; result: unknown }
  /** `final`: no attempts more, whatever is left. `stack` is stored as the line of history. */
  | { kind: 'failed'; message: string; stack: string; final: boolean }
  /** Again after so long; the attempt does not count. */
  | { kind: 'postponed'; delayMs: number }
  /** Back to wait at once; the attempt does not count. */
  | { kind: 'returned' }
  /** The lock was lost: the job is not ours any more, nothing is written. */
  | { kind: 'lost' };

export interface ConsumerOptions {
  queue: string;
  concurrency: number;
  rateLimit?: { max: number; perMs: number } | undefined;
  keepCompleted: { ageMs: number; count: number };
  /** Keeps the locks; without one, BullMQ does it on this thread. */
  locks?: LockKeeper | undefined;
  run(delivery: Delivery): Promise<AttemptEnd>;
  /** Trouble with Redis or with a lock; the consumer goes on by itself. */
  onError(error: Error): void;
}

/** The worker of one queue. It owns two connections; `start` once, then `quiet` (takes no more), then `stop`. */
export interface Consumer {
  readonly queue: string;
  /** What the tokens of its locks begin with. */
  readonly holder: string;
  start(): Promise<void>;
  quiet(): void;
  /** Puts a running job back to wait though its handler goes on: for a handler that does not listen to its signal. */
  putBack(id: string): Promise<void>;
  stop(): Promise<void>;
}

export function createConsumer({ target, keys }: Broker, options: ConsumerOptions): Consumer {
  const { queue, locks } = options;
  let closing: Promise<void> | undefined;
  const running = new Map<string, { job: EngineJob; token: string; lock: AbortController }>();
  const worker = new Worker(
    queue,
    // BullMQ counts the parameters that are declared before it hands out a token.
    async (job: EngineJob, token?: string) => {
      // BullMQ still fetches for the read that was waiting when it was told to take no more.
      if (closing) {
        await job.moveToWait(token!);
        throw new WaitingError();
      }
      const id = job.id!;
      const lock = new AbortController();
      running.set(id, { job, token: token!, lock });
      locks?.hold({ queue, id, token: token! });
      try {
        const end = await options.run(toDelivery(job, lock.signal));
        return await conclude(job, token!, end);
      } catch (error) {
        // These have left already; all others are on their way, and their locks are needed until they have arrived.
        if (error instanceof DelayedError || error instanceof WaitingError) locks?.release({ queue, id });
        throw error;
      } finally {
        running.delete(id);
      }
    },
    {
      ...SETTINGS,
      autorun: false,
      skipLockRenewal: locks !== undefined,
      connection: { ...connectionOptions(target), maxRetriesPerRequest: null },
      prefix: keys.prefix,
      concurrency: options.concurrency,
      removeOnComplete: { age: Math.ceil(options.keepCompleted.ageMs / 1000), count: options.keepCompleted.count },
      ...(options.rateLimit ? { limiter: { max: options.rateLimit.max, duration: options.rateLimit.perMs } } : {}),
    },
  );
  worker.on('error', options.onError);
  // Comes before all that may happen to a job, also when BullMQ buries it without running it.
  worker.on('active', (job) => {
    // A producer may have asked for the opposite, but a dead job that is not kept is lost.
    job.opts.removeOnFail = false;
    job.opts.keepLogs ??= KEPT_LOGS;
  });
  const loseLock = (id: string): void => running.get(id)?.lock.abort(new Error(`The lock of job ${id} was lost`));
  worker.on('lockRenewalFailed', (ids) => ids.forEach(loseLock));
  if (locks) {
    locks.onLost((job) => job.queue === queue && loseLock(job.id));
    worker.on('completed', ({ id }) => locks.release({ queue, id: id! }));
    worker.on('failed', (job) => job && locks.release({ queue, id: job.id! }));
  }

  // BullMQ's pause would still take the one job for which its blocking read is waiting, such as one that is put back.
  const quiet = (): void => void (closing ??= worker.close());

  return {
    queue,
    holder: worker.id,
    async start() {
      await worker.waitUntilReady();
      worker.run().catch(options.onError);
    },
    quiet,
    async putBack(id) {
      const entry = running.get(id);
      if (entry) await entry.job.moveToWait(entry.token);
    },
    async stop() {
      quiet();
      // Results that are on their way to Redis must arrive; a handler that never ends must not keep us, nor a Redis
      // that is away.
      const isClosed = await fulfilsWithin(closing!, running.size === 0 ? FAREWELL_MS : LAST_WORDS_MS);
      if (!isClosed) worker.disconnect().catch(options.onError);
    },
  };
}

async function conclude(job: EngineJob, token: string, end: AttemptEnd): Promise<unknown> {
  switch (end.kind) {
    case 'completed':
      return end.result;
    case 'failed': {
      const error = end.final ? new UnrecoverableError(end.message) : new Error(end.message);
      error.stack = end.stack;
      throw error;
    }
    case 'postponed':
      await job.moveToDelayed(now() + end.delayMs, token);
      throw new DelayedError();
    case 'returned':
      await job.moveToWait(token);
      throw new WaitingError();
    case 'lost':
      throw new WaitingError();
  }
}

function toDelivery(job: EngineJob, lockLost: AbortSignal): Delivery {
  return {
    id: job.id!,
    type: job.name,
    queue: job.queueName,
    payload: job.data as Json,
    attempt: job.attemptsMade + 1,
    maxAttempts: Math.max(1, job.opts.attempts ?? 1),
    createdAt: new Date(job.timestamp),
    dueAt: new Date(job.timestamp + (job.opts.delay ?? 0)),
    fence: job.attemptsStarted,
    isSuspect: job.stalledCounter > 0,
    extras: readExtras((job.opts as { jq?: unknown }).jq),
    lockLost,
    log: async (line) => void (await job.log(line)),
    progress: (percent) => job.updateProgress(percent),
  };
}

/** What of a job's extras concerns its run; they may come from any program, and so be anything. */
function readExtras(extras: unknown): Partial<JobExtras> {
  const { timeoutMs, expiresAt } = (extras ?? {}) as Record<string, unknown>;
  return {
    ...(typeof timeoutMs === 'number' && timeoutMs > 0 ? { timeoutMs } : {}),
    ...(typeof expiresAt === 'number' && toTime(expiresAt) !== undefined ? { expiresAt } : {}),
  };
}
