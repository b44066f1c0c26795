import type { Logger } from 'pino';
import { type AttemptEnd, type Consumer, createConsumer, type Delivery } from '../broker/consumer.ts';
import { registerQueues } from '../broker/queues.ts';
import { JobQueueError } from '../errors.ts';
import type { Project } from '../jobs/project.ts';
import { monotonicMs, now, sleep } from '../lib/clock.ts';
import { untilDrained } from './drain.ts';
import { createFigureBook } from './figures.ts';
import { createHeartbeat, workerName } from './heartbeat.ts';
import { Interruption, runJob } from './run-job.ts';
import { planSlots } from './slots.ts';

// After the abort: a little more than a handler has to end, see run-job.
const ABORT_WAIT_MS = 2000;
const ERROR_EVERY_MS = 1000;

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
  busy(): number;
  /** Ends in order. Again: the same promise. */
  stop(): Promise<void>;
  /** Ends now: what runs is aborted and put back. */
  stopNow(): Promise<void>;
  /** Resolves when it has ended, with the number of jobs that were put back. */
  readonly stopped: Promise<{ putBack: number }>;
}

/**
 * @param drain ends by itself when its queues are empty
 * @throws JobQueueError FAILED when there is no handler at all
 */
export async function startWork(
  project: Project,
  { log, drain = false }: { log: Logger; drain?: boolean },
): Promise<WorkRuntime> {
  const catalog = await project.handlers.loadAll();
  for (const error of catalog.broken) log.error(error.message);
  if (catalog.handlers.size === 0) {
    throw new JobQueueError('FAILED', `There is no handler to run in ${project.config.values.handlers}`, {
      hint: 'Make one: jq init',
    });
  }
  const slotsByQueue = planSlots(project, catalog);
  const running = new Map<string, Promise<AttemptEnd>>();
  const stopping = new AbortController();
  const figures = createFigureBook();
  let state: 'running' | 'stopping' = 'running';
  const heartbeat = createHeartbeat(
    project.broker,
    { slotsByQueue, busy: () => running.size, state: () => state },
    figures,
    log,
  );

  const run = { project, worker: workerName(), log, stopping: stopping.signal };
  async function runDelivery(delivery: Delivery): Promise<AttemptEnd> {
    const [startedAt, began] = [now(), monotonicMs()];
    const key = `${delivery.queue} ${delivery.id}`;
    const attempt = runJob(run, delivery);
    running.set(key, attempt);
    try {
      const end = await attempt;
      figures.record(delivery, end, startedAt, monotonicMs() - began);
      return end;
    } finally {
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
      run: runDelivery,
      onError,
    });
  });

  await registerQueues(project.broker, Object.keys(slotsByQueue));
  await heartbeat.start();
  await Promise.all(consumers.map((consumer) => consumer.start()));

  const grace = new AbortController();
  let stopped: Promise<{ putBack: number }> | undefined;
  const ended = Promise.withResolvers<{ putBack: number }>();

  async function shutDown(): Promise<{ putBack: number }> {
    state = 'stopping';
    for (const consumer of consumers) consumer.quiet();
    await untilIdle(running, project.config.values.work.grace, grace.signal);
    const aborted = running.size;
    if (aborted > 0) {
      stopping.abort(new Interruption('The worker stops'));
      await untilIdle(running, ABORT_WAIT_MS);
      await putBackAll(consumers, running, log);
    }
    await Promise.all(consumers.map((consumer) => consumer.stop()));
    await heartbeat.stop();
    return { putBack: aborted };
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
    busy: () => running.size,
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

/** Handlers that do not listen to their signals go on, but their jobs are not lost. */
async function putBackAll(
  consumers: readonly Consumer[],
  running: ReadonlyMap<string, unknown>,
  log: Logger,
): Promise<void> {
  for (const key of running.keys()) {
    const [queue, id] = key.split(' ') as [string, string];
    log.warn({ job: id, queue }, 'put back: its handler does not end');
    await consumers.find((consumer) => consumer.queue === queue)!.putBack(id);
  }
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
