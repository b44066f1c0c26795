import {
  type BackendFactory,
  type ConnectionOptions,
  DelayedError,
  Job as EngineJob,
  type RedisQueueBackend,
  UnrecoverableError,
  WaitingError,
  Worker,
  type WorkerOptions,
} from 'bullmq';
import { now } from '../../lib/clock.ts';
import { NOT_PLAIN } from '../scripts/finish-many.ts';
import type { AttemptEnd } from './consumer.ts';
import { createFinisher, type FinishAnswer, type FinisherOptions, type NextJob } from './finisher.ts';
import { createTakenReader, ownJob, type Taken, takenFromEngine, toJobJson } from './taken.ts';

export interface SlotWorkerOptions {
  finisher: FinisherOptions;
  /** Runs an attempt. */
  run(taken: Taken, token: string): Promise<AttemptEnd>;
  /** The slot's job is not its own any more. */
  release(token: string): void;
  /** The slot has nothing in hand any more. */
  leave(token: string): void;
}

/** What BullMQ's worker keeps to itself. */
interface Internals {
  drained: boolean;
  mainLoopQueue: { add(job: Promise<undefined>): void } | null;
  updateDelays(limitMs?: number, delayUntil?: number): void;
  retryIfFailed<T>(call: () => Promise<T>, how: { delayInMs: number; onlyEmitError?: boolean }): Promise<T | undefined>;
}

/**
 * BullMQ's worker, where a slot that has completed a job goes on with the one that it got for it. BullMQ's main loop, which
 * finds jobs when there were none, sees one long job; a slot returns to it when there is no next job, when the next job is
 * more than one to be run, and after each attempt that has not completed its job. All that is rare stays BullMQ's.
 */
export class SlotWorker extends Worker {
  readonly #options: SlotWorkerOptions;
  readonly #internals = this as unknown as Internals;
  readonly #finish: ReturnType<typeof createFinisher>;
  readonly #read = createTakenReader((json, id) => this.createJob(json, id));

  constructor(
    queue: string,
    options: SlotWorkerOptions,
    engineOptions: WorkerOptions,
    createBackend: BackendFactory<RedisQueueBackend, ConnectionOptions>,
  ) {
    super(queue, async () => {}, engineOptions, createBackend);
    this.#options = options;
    this.#finish = createFinisher(this.backend, options.finisher);
    // Comes before all that may happen to a job, also when BullMQ buries it without running it.
    this.on('active', ownJob);
  }

  /** With all slots taken BullMQ looks again when a job ends, which may be long; an empty answer makes it look now. */
  lookAgain(): void {
    this.#internals.mainLoopQueue?.add(Promise.resolve(undefined));
  }

  override async processJob(
    job: EngineJob,
    token: string,
    mayTake: () => boolean = () => true,
  ): Promise<void | EngineJob> {
    if (job.deferredFailure) return super.processJob(job, token, mayTake);
    let next: Taken | EngineJob | undefined = takenFromEngine(job);
    while (next && !(next instanceof EngineJob)) next = await this.#attempt(next, token, mayTake);
    this.#options.leave(token);
    return next;
  }

  async #attempt(taken: Taken, token: string, mayTake: () => boolean): Promise<Taken | EngineJob | undefined> {
    const { release, run } = this.#options;
    const delayInMs = this.opts.runRetryDelay!;
    const isTracked = !this.opts.skipLockRenewal;
    if (isTracked) this.lockManager.trackJob(taken.id, token, now());
    let reason: Error;
    try {
      // BullMQ still fetches for the read that was waiting when it was told to take no more.
      const end: AttemptEnd = this.closing ? { kind: 'returned' } : await run(taken, token);
      if (isTracked) this.lockManager.untrackJob(taken.id);
      if (end.kind === 'completed') {
        return await this.#internals.retryIfFailed(() => this.#complete(taken, token, end.result, mayTake), {
          delayInMs,
        });
      }
      reason = await conclude(taken.engineJob(), token, end);
      if (reason instanceof DelayedError || reason instanceof WaitingError) release(token);
    } catch (error) {
      reason = error as Error;
    }
    return this.#internals.retryIfFailed(() => this.handleFailed(reason, taken.engineJob(), token, mayTake), {
      delayInMs,
      onlyEmitError: true,
    });
  }

  async #complete(taken: Taken, token: string, result: unknown, mayTake: () => boolean) {
    const { id } = taken;
    const answer = await this.#finish({
      id,
      token,
      result: JSON.stringify(result) ?? 'null',
      takesNext: mayTake() && !this.closing && !this.paused,
      removeOnComplete: taken.options.removeOnComplete,
    });
    // What concerns a job's relatives is BullMQ's business.
    if (answer === NOT_PLAIN) {
      const next = await this.handleCompleted(result, taken.engineJob(), token, mayTake);
      this.#options.release(token);
      return next;
    }
    if (typeof answer === 'number' && answer < 0) {
      throw this.backend.finishedErrors({ code: answer, jobId: id, command: 'moveToFinished', state: 'active' });
    }
    this.#options.release(token);
    return this.#goOn(answer, token);
  }

  #goOn(answer: FinishAnswer, token: string): Taken | Promise<EngineJob | undefined> {
    const [hash, id, limitMs, nextAt] = (answer || NOTHING) as NextJob;
    this.#internals.updateDelays(limitMs, nextAt);
    const next = hash === 0 ? undefined : this.#read(hash, id as string);
    if (next) {
      this.#internals.drained = false;
      return next;
    }
    return this.nextJobFromJobData(hash === 0 ? undefined : toJobJson(hash, id as string), id as string, token);
  }
}

const NOTHING: NextJob = [0, 0];

/** Makes BullMQ's state of an attempt that has not completed its job. @returns what BullMQ is told as the reason */
async function conclude(
  job: EngineJob,
  token: string,
  end: Exclude<AttemptEnd, { kind: 'completed' }>,
): Promise<Error> {
  switch (end.kind) {
    case 'failed': {
      const error = end.final ? new UnrecoverableError(end.message) : new Error(end.message);
      error.stack = end.stack;
      return error;
    }
    case 'postponed':
      await job.moveToDelayed(now() + end.delayMs, token);
      return new DelayedError();
    case 'returned':
      await job.moveToWait(token);
      return new WaitingError();
    case 'lost':
      return new WaitingError();
  }
}
