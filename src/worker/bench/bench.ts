import { addJobs } from '../../broker/add-jobs.ts';
import { createConsumer } from '../../broker/consumer/consumer.ts';
import type { NewJob } from '../../broker/new-job.ts';
import { removeQueue } from '../../broker/remove-queue.ts';
import { JobQueueError } from '../../errors.ts';
import type { Project } from '../../jobs/project.ts';
import { monotonicMs, sleep } from '../../lib/clock.ts';
import { randomBytes } from '../../lib/digest.ts';
import { uuidV7 } from '../../lib/uuid.ts';
import { createHands, type Hands } from './hands.ts';

/** Jobs that are stored at the same time, each by a call of its own. */
const IN_FLIGHT = 64;
/** Jobs in one call. */
const BULK = 500;
const STEADY_PER_SECOND = 200;
const STEADY_SECONDS = 3;

export interface BenchOptions {
  /** So many are added one by one, and so many in bulk. */
  jobs: number;
  /** The share of those that are drained which fail for good. */
  failRate: number;
  payloadBytes: number;
  concurrency: number;
  signal: AbortSignal;
  onProgress(what: string, done: number, total: number): void;
  onError(error: Error): void;
}

export interface BenchResult {
  queue: string;
  /** Jobs a second. */
  ingest: { oneByOne: number; bulk: number };
  drain: { jobs: number; perSecond: number; dead: number };
  /** From adding a job to the start of its handler, at a rate at which none waits for another. */
  latency: { jobs: number; perSecond: number; p50Ms: number; p99Ms: number };
}

/**
 * Measures this Redis with jobs that do nothing, in a queue of its own, which it removes again whatever happens.
 * @throws the reason of `signal` when that aborts
 */
export async function runBench(project: Project, options: BenchOptions): Promise<BenchResult> {
  const { jobs, signal, onProgress } = options;
  const { broker } = project;
  const queue = `jq-bench-${randomBytes(6).toString('hex')}`;
  const ids: string[] = [];
  const hands = createHands(options.failRate);
  const makeJob = jobMaker(project, queue, options.payloadBytes);
  async function add(amount: number): Promise<void> {
    signal.throwIfAborted();
    const made = Array.from({ length: amount }, makeJob);
    // Whatever becomes of the call, they are removed.
    for (const { id } of made) ids.push(id);
    await addJobs(broker, made);
  }
  const { age: ageMs, count } = project.config.values.defaults.keepCompleted;
  const consumer = createConsumer(broker, {
    queue,
    concurrency: options.concurrency,
    keepCompleted: { ageMs, count },
    run: hands.run,
    onError: options.onError,
  });
  try {
    const oneByOne = await rateOf(jobs, async () => {
      let left = jobs;
      const addOnes = async (): Promise<void> => {
        while (left-- > 0) {
          await add(1);
          onProgress('added one by one', ids.length, jobs);
        }
      };
      // All have ended before the queue is removed, whichever of them failed.
      const lines = await Promise.allSettled(Array.from({ length: Math.min(IN_FLIGHT, jobs) }, addOnes));
      for (const line of lines) if (line.status === 'rejected') throw line.reason;
    });
    const bulk = await rateOf(jobs, async () => {
      for (let done = 0; done < jobs; done += BULK) {
        await add(Math.min(BULK, jobs - done));
        onProgress('added in bulk', ids.length - jobs, jobs);
      }
    });
    const total = ids.length;
    const drained = await rateOf(total, async () => {
      await consumer.start();
      await untilEnded(project, queue, hands, { total, signal, onProgress });
    });
    const dead = hands.dead();
    const waits = await measureLatency(project, queue, hands, { options, add, ids });
    return {
      queue,
      ingest: { oneByOne, bulk },
      drain: { jobs: total, perSecond: drained, dead },
      latency: { jobs: waits.length, perSecond: STEADY_PER_SECOND, p50Ms: at(waits, 0.5), p99Ms: at(waits, 0.99) },
    };
  } finally {
    await consumer.stop();
    await removeQueue(broker, queue, ids).catch((error: unknown) => raiseLeft(error, queue));
  }
}

/** Redis is away: the measuring has failed for the same reason, if it has. */
function raiseLeft(error: unknown, queue: string): never {
  if (!(error instanceof JobQueueError)) throw error;
  const { code, message, hint } = error;
  throw new JobQueueError(code, `${message}; the queue ${queue} is left behind`, { hint, cause: error });
}

interface Waiting {
  total: number;
  signal: AbortSignal;
  onProgress: BenchOptions['onProgress'];
}

/** Until so many jobs were run, and Redis knows what became of them. */
async function untilEnded({ broker }: Project, queue: string, hands: Hands, waiting: Waiting): Promise<void> {
  const { total, signal, onProgress } = waiting;
  const active = broker.keys.queue(queue, 'active');
  for (;;) {
    signal.throwIfAborted();
    onProgress('drained', hands.ended(), total);
    if (hands.ended() >= total && (await broker.redis.call('LLEN', active)) === 0) return;
    await sleep(2, signal);
  }
}

interface Steady {
  options: BenchOptions;
  add(amount: number): Promise<void>;
  ids: readonly string[];
}

/** @returns what each job waited (ms), in order */
async function measureLatency(project: Project, queue: string, hands: Hands, steady: Steady): Promise<number[]> {
  const { signal, onProgress, jobs } = steady.options;
  const amount = Math.min(STEADY_PER_SECOND * STEADY_SECONDS, jobs);
  const before = steady.ids.length;
  hands.startClock();
  const began = monotonicMs();
  const adding: Promise<void>[] = [];
  for (let sent = 0; sent < amount && !signal.aborted; sent += 1) {
    await sleep(Math.max(0, began + (sent * 1000) / STEADY_PER_SECOND - monotonicMs()), signal);
    const place = steady.ids.length;
    const addedAt = monotonicMs();
    adding.push(steady.add(1));
    if (steady.ids.length > place) hands.added(steady.ids[place]!, addedAt);
    onProgress('timed', sent + 1, amount);
  }
  for (const end of await Promise.allSettled(adding)) if (end.status === 'rejected') throw end.reason;
  await untilEnded(project, queue, hands, { total: before + amount, signal, onProgress: () => {} });
  return hands.waits().toSorted((one, other) => one - other);
}

async function rateOf(amount: number, work: () => Promise<void>): Promise<number> {
  const began = monotonicMs();
  await work();
  return (amount / (monotonicMs() - began)) * 1000;
}

const at = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;

function jobMaker({ broker, config }: Project, queue: string, payloadBytes: number): () => NewJob {
  // A text in its quotes: JSON of exactly so many bytes, at least 2.
  const payload = 'x'.repeat(Math.max(0, payloadBytes - 2));
  const { keepCompleted, timeout } = config.values.defaults;
  return () => ({
    id: `j_${uuidV7()}`,
    queue,
    type: 'bench',
    payload,
    createdAt: broker.clock.now(),
    delayMs: 0,
    priority: 0,
    attempts: 1,
    backoff: { type: 'fixed', delayMs: 0, jitter: 0 },
    keepCompleted: { ageMs: keepCompleted.age, count: keepCompleted.count },
    dedupe: undefined,
    idempotency: undefined,
    extras: { timeoutMs: timeout },
  });
}
