import type { Logger } from 'pino';
import { type AttemptEnd, type Consumer, createConsumer, type Delivery } from '../broker/consumer.ts';
import type { LockKeeper } from '../broker/locks/lock-keeper.ts';
import { registerQueues } from '../broker/queues.ts';
import { JobQueueError } from '../errors.ts';
import type { Project } from '../jobs/project.ts';
import { monotonicMs, now, sleep } from '../lib/clock.ts';
import { fulfilsWithin } from '../lib/fulfils-within.ts';
import { untilDrained } from './drain.ts';
import { createFigureBook } from './figures.ts';
import { createHeartbeat, workerName } from './heartbeat.ts';
import { Interruption, runJob } from './run-job.ts';
import { planSlots, type Share } from './slots.ts';

// After the abort: a little more than a handler has to end, see run-job.
const ABORT_WAIT_MS = 2000;
const LAST_WORDS_MS = 500;
const ERROR_EVERY_MS = 1000;
const SUSPECT_PAUSE_MS = 200;

/**
 * A running worker. It owns the consumers of its queues and the heartbeat.
 *
 * It starts: handlers, heartbeat, consumers. It stops: no more jobs are taken; what runs has the grace time to end;
 * then its signals abort, and what still runs is put back to wait, its attempt not counted; consumers; heartbeat.
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
  if (catalog.handlers.size === 0) {
    throw new JobQueueError('FAILED', `There is no handler to run in ${project.config.values.handlers}`, {
      hint: 'Make one: jq init',
    });
  }
  const slotsByQueue = planSlots(project, catalog, share);
  const locks = keepLocks?.(Object.values(slotsByQueue).reduce((sum, slots) => sum + slots, 0));
  const running = new Map<string, Promise<AttemptEnd>>();
  let putBack = 0;
  const stopping = new AbortController();
  const figures = createFigureBook();
  let state: 'running' | 'stopping' = 'running';
  const heartbeat = createHeartbeat(
    project.broker,
    { slotsByQueue, busy: () => running.size, state: () => state },
    figures,
    log,
  );

  const run = { project, worker: workerName(), log, stopping: stopping.signal, setDeadline: locks?.setDeadline };
  let suspect: string | undefined;
  async function runDelivery(delivery: Delivery): Promise<AttemptEnd> {
    const [startedAt, began] = [now(), monotonicMs()];
    const key = `${delivery.queue} ${delivery.id}`;
    // What may have ended a process runs beside no other such job, so that it is known which one it was.
    if (delivery.isSuspect && suspect !== undefined) return { kind: 'postponed', delayMs: SUSPECT_PAUSE_MS };
    if (delivery.isSuspect) suspect = key;
    const attempt = runJob(run, delivery);
    running.set(key, attempt);
    try {
      const end = await attempt;
      figures.record(delivery, end, startedAt, monotonicMs() - began);
      if (end.kind === 'returned') putBack += 1;
      return end;
    } finally {
      if (suspect === key) suspect = undefined;
      running.delete(key);
    }
  }

  const onError = limitErrors(log);
  const consumers = Object.entries(slotsByQueue).map(([queue, concurrency]) => {
    const { rateLimit } = project.config.values.queues[queue] ?? {};
    const { keepCompleted } = project.config.values.defaults;
    return createConsumer(project.broker, {
      queue,
      concurrency,
      rateLimit: rateLimit?.max === undefined ? undefined : { max: rateLimit.max, perMs: rateLimit.per! },
      keepCompleted: { ageMs: keepCompleted.age, count: keepCompleted.count },
      locks,
      run: runDelivery,
      onError,
    });
  });

  await registerQueues(project.broker, Object.keys(slotsByQueue));
  await heartbeat.start();
  onHolders?.(
    consumers.map((consumer) => consumer.holder),
    Object.keys(slotsByQueue),
  );
  await Promise.all(consumers.map((consumer) => consumer.start()));

  const grace = new AbortController();
  let stopped: Promise<{ putBack: number }> | undefined;
  const ended = Promise.withResolvers<{ putBack: number }>();

  async function shutDown(): Promise<{ putBack: number }> {
    state = 'stopping';
    for (const consumer of consumers) consumer.quiet();
    await untilIdle(running, project.config.values.work.grace, grace.signal);
    if (running.size > 0) {
      stopping.abort(new Interruption('The worker stops'));
      await untilIdle(running, ABORT_WAIT_MS);
      putBack += await putBackAll(consumers, running, log);
    }
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
  if (drain)
    void untilDrained(project.broker, Object.keys(slotsByQueue), () => running.size, grace.signal).then(stop, onError);

  return {
    slotsByQueue,
    types: [...catalog.handlers.keys()],
    busy: async () => running.size,
    stop,
    async stopNow() {
      grace.abort();
      await stop();
    },
    stopped: ended.promise,
  };
}

/** Waits until nothing runs, at most `ms`, and no longer than `signal` allows. */
async function untilIdle(
  running: ReadonlyMap<string, Promise<unknown>>,
  ms: number,
  signal?: AbortSignal,
): Promise<void> {
  const enough = new AbortController();
  const deadline = sleep(ms, signal ? AbortSignal.any([signal, enough.signal]) : enough.signal);
  const idle = (async () => {
    while (running.size > 0 && !enough.signal.aborted) await Promise.race([...running.values(), deadline]);
  })();
  await Promise.race([idle, deadline]);
  enough.abort();
}

/** Handlers that do not listen to their signals go on, but their jobs are not lost. @returns how many could be put back */
async function putBackAll(
  consumers: readonly Consumer[],
  running: ReadonlyMap<string, unknown>,
  log: Logger,
): Promise<number> {
  let count = 0;
  for (const key of running.keys()) {
    const [queue, id] = key.split(' ') as [string, string];
    const { putBack } = consumers.find((consumer) => consumer.queue === queue)!;
    // Without Redis it is put back when its lock ends. One that cannot be must not keep us from the others.
    const isBack = await fulfilsWithin(putBack(id), LAST_WORDS_MS);
    log.warn(
      { job: id, queue },
      isBack ? 'put back: its handler does not end' : 'left behind: its handler does not end',
    );
    if (isBack) count += 1;
  }
  return count;
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
