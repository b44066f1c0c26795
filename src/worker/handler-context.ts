import type { Logger } from 'pino';
import type { Delivery } from '../broker/consumer/consumer.ts';
import type { HandlerContext } from '../handlers/define-handler.ts';
import { assertQueues, storeJobs } from '../jobs/enqueue.ts';
import { prepareJob } from '../jobs/prepare-job.ts';
import type { Project } from '../jobs/project.ts';
import { createJobLog, type KeptJobLog } from './job-log.ts';
import { createOnce } from './once.ts';
import { patiently } from './redis-trouble.ts';

/**
 * The second argument of the handler, for one attempt. Its parts are made when they are first used: most handlers use few.
 *
 * A class, because V8 makes an old object for each accessor that is written in an object literal, which keeps the whole job
 * until the next collection of the whole heap. And its functions are made elsewhere, so that they work without it too:
 * handlers take it apart.
 */
export class AttemptContext implements HandlerContext {
  readonly #project: Project;
  readonly #delivery: Delivery;
  readonly #createLog: () => Logger;
  #job: HandlerContext['job'] | undefined;
  #log: KeptJobLog | undefined;
  #progress: HandlerContext['progress'] | undefined;
  #once: HandlerContext['once'] | undefined;
  #enqueue: HandlerContext['enqueue'] | undefined;

  constructor(project: Project, delivery: Delivery, createLog: () => Logger) {
    this.#project = project;
    this.#delivery = delivery;
    this.#createLog = createLog;
    Object.freeze(this);
  }

  get job(): HandlerContext['job'] {
    return (this.#job ??= describe(this.#delivery));
  }
  get log(): HandlerContext['log'] {
    return (this.#log ??= createJobLog(this.#delivery, this.#createLog()));
  }
  get signal(): AbortSignal {
    return this.#delivery.interruption.signal;
  }
  get progress(): HandlerContext['progress'] {
    return (this.#progress ??= createProgress(this.#delivery));
  }
  get once(): HandlerContext['once'] {
    return (this.#once ??= createOnce(this.#project.broker, this.#delivery));
  }
  get enqueue(): HandlerContext['enqueue'] {
    return (this.#enqueue ??= createEnqueue(this.#project, this.#delivery));
  }

  /** What the worker asks of it when the attempt is over. */
  static usedOnce(context: AttemptContext): boolean {
    return context.#once !== undefined;
  }
  /** Resolves when all log lines of the handler are kept; nothing when it wrote none. */
  static flushed(context: AttemptContext): Promise<void> | undefined {
    return context.#log?.flushed();
  }
}

const describe = ({ id, type, queue, attempt, maxAttempts, createdAt, fence }: Delivery): HandlerContext['job'] =>
  Object.freeze({ id, type, queue, attempt, maxAttempts, createdAt, fence });

const createProgress =
  (delivery: Delivery): HandlerContext['progress'] =>
  async (percent) => {
    if (!Number.isFinite(percent) || percent < 0 || percent > 100) {
      throw new TypeError(`Expected progress() to get a percentage from 0 to 100, got ${String(percent)}`);
    }
    await delivery.progress(percent);
  };

const createEnqueue =
  (project: Project, { id, interruption }: Delivery): HandlerContext['enqueue'] =>
  async (type, payload, options) => {
    const request = { type, payload, options, by: `job ${id}` };
    const job = await prepareJob(project, request);
    // Its id is made: however often it is sent, it is one job.
    const [stored] = await patiently(interruption.signal, async () => {
      await assertQueues(project, [request], [job]);
      return storeJobs(project, [job]);
    });
    return stored!.id;
  };
