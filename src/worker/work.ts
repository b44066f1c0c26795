import type { Logger } from 'pino';
import { type AttemptEnd, createConsumer, type Delivery } from '../broker/consumer/consumer.ts';
import { listenForRequests } from '../broker/control.ts';
import type { LockKeeper } from '../broker/locks/lock-keeper.ts';
import { registerQueues } from '../broker/queues.ts';
import { JobQueueError } from '../errors.ts';
import type { Project } from '../jobs/project.ts';
import type { WorkerRecord } from '../broker/worker-records.ts';
import { monotonicMs } from '../lib/clock.ts';
import { answerRequests } from './answer-requests.ts';
import { untilDrained } from './drain.ts';
import { createFigureBook } from './figures.ts';
import { createHeartbeat, workerName } from './heartbeat.ts';
import { runJob } from './run-job.ts';
import { finishJobs } from './shut-down.ts';
import { planSlots, type Share } from './slots.ts';
import { createSweeper } from './sweeper.ts';

const ERROR_EVERY_MS = 1000;
const SUSPECT_PAUSE_MS = 200;

/**
 * A running worker. It owns the consumers of its queues, the heartbeat, the sweeper and the ear for requests of others.
 *
 * It starts: handlers, heartbeat, ear, consumers, sweeper. It stops: no more jobs are taken; what runs has the grace time to end;
 * then its signals abort, and what still runs is put back to wait, its attempt not counted; sweeper; consumers; heartbeat.
 * The connection belongs to the project, which outlives it.
 */
export interface WorkRuntime {
  readonly slotsByQueue: Readonly<Record<string, number>>;
  readonly types: readonly string[];
  /** Jobs that run now. */
  busy(): Promise<number>;
  /** Ends in order. Again: the same promise. */
  stop(): Promise<void>;
  /** Ends now: what runs is aborted and put back. */
  stopNow(): Promise<void>;
  /** Resolves when it has ended, with the number of jobs that were put back. */
  readonly stopped: Promise<{ putBack: number }>;
}

export interface WorkOptions {
  log: Logger;
  /** Ends by itself when its queues are empty. */
  drain?: boolean;
  /** Which of the processes that share the slots this is. */
  share?: Share;
  /** Starts what keeps the locks of so many jobs; without it, BullMQ does it on this thread. */
  keepLocks?: (slots: number) => LockKeeper;
  /** Told, before the first job is taken, what the tokens of the locks begin with: by that a supervisor finds what was in hand. */
  onHolders?: (holders: string[], queues: string[]) => void;
}

/** @throws JobQueueError FAILED when there is no handler at all */
export async function startWork(
  project: Project,
  { log, drain = false, share, keepLocks, onHolders }: WorkOptions,
): Promise<WorkRuntime> {
  const catalog = await project.handlers.loadAll();
  for (const error of catalog.broken) log.error(error.message);
  if (catalog.warning !== undefined) log.warn(catalog.warning);
  if (catalog.handlers.size === 0) {
    throw new JobQueueError('FAILED', `There is no handler to run in ${project.config.values.handlers}`, {
      hint: 'Make one: jq init',
    });
  }
  const slotsByQueue = planSlots(project, catalog, share);
  const locks = keepLocks?.(Object.values(slotsByQueue).reduce((sum, slots) => sum + slots, 0));
  const worker = workerName();
  const figures = createFigureBook(project.broker.clock, (type) => catalog.handlers.has(type));
  let state: WorkerRecord['state'] = 'running';
  let putBack = 0;
  let suspect: string | undefined;

  async function runDelivery(delivery: Delivery): Promise<AttemptEnd> {
    // What may have ended a process runs beside no other such job, so that it is known which one it was.
    if (delivery.isSuspect && suspect !== undefined) return { kind: 'postponed', delayMs: SUSPECT_PAUSE_MS };
    if (delivery.isSuspect) suspect = delivery.id;
    const [startedAt, began] = [project.broker.clock.now(), monotonicMs()];
    const end = await runJob({ project, worker, log }, delivery);
    figures.record(delivery, end, startedAt, monotonicMs() - began);
    if (end.kind === 'returned') putBack += 1;
    if (delivery.isSuspect) suspect = undefined;
    return end;
  }

  const onError = limitErrors(log);
  const { age: ageMs, count } = project.config.values.defaults.keepCompleted;
  const keepCompleted = { ageMs, count };
  const consumers = Object.entries(slotsByQueue).map(([queue, concurrency]) => {
    const { rateLimit } = project.config.values.queues[queue] ?? {};
    return createConsumer(project.broker, {
      queue,
      concurrency,
      rateLimit: rateLimit?.max === undefined ? undefined : { max: rateLimit.max, perMs: rateLimit.per! },
      keepCompleted,
      locks,
      run: runDelivery,
      onError,
    });
  });

  const busy = (): number => consumers.reduce((sum, consumer) => sum + consumer.running().length, 0);
  const sweeper = createSweeper(project.broker, { queues: Object.keys(slotsByQueue), keepCompleted, worker, log });
  const heartbeat = createHeartbeat(project.broker, { slotsByQueue, busy, state: () => state }, figures, log);

  await registerQueues(project.broker, Object.keys(slotsByQueue));
  await heartbeat.start();
  const control = await listenForRequests(
    project.broker,
    worker,
    answerRequests({ worker, consumers, slotsByQueue, quiet, stop: () => void stop(), log }),
  );
  onHolders?.(
    consumers.map((consumer) => consumer.holder),
    Object.keys(slotsByQueue),
  );
  await Promise.all(consumers.map((consumer) => consumer.start()));
  sweeper.start();

  const enough = new AbortController();
  let stopped: Promise<{ putBack: number }> | undefined;
  const ended = Promise.withResolvers<{ putBack: number }>();

  function quiet(): void {
    if (state === 'running') state = 'quiet';
    for (const consumer of consumers) consumer.quiet();
  }
  async function shutDown(): Promise<{ putBack: number }> {
    state = 'stopping';
    const forced = await finishJobs(consumers, {
      graceMs: project.config.values.work.grace,
      enough: enough.signal,
      log,
    });
    // Those that listened to their signals have been counted meanwhile.
    putBack += forced;
    await control.close();
    await sweeper.stop();
    await Promise.all(consumers.map((consumer) => consumer.stop()));
    await locks?.stop();
    await heartbeat.stop();
    return { putBack };
  }
  async function stop(): Promise<void> {
    if (!stopped) {
      stopped = shutDown();
      stopped.then(ended.resolve, ended.reject);
    }
    await stopped;
  }
  if (drain) void untilDrained(project.broker, Object.keys(slotsByQueue), busy, enough.signal).then(stop, onError);

  return {
    slotsByQueue,
    types: [...catalog.handlers.keys()],
    busy: async () => busy(),
    stop,
    async stopNow() {
      enough.abort();
      await stop();
    },
    stopped: ended.promise,
  };
}

/** A Redis that is away makes one line a second at most, not thousands. */
function limitErrors(log: Logger): (error: Error) => void {
  let last = -Infinity;
  return (error) => {
    if (monotonicMs() - last < ERROR_EVERY_MS) return;
    last = monotonicMs();
    log.error(error.message || (error as NodeJS.ErrnoException).code || error.name);
  };
}
