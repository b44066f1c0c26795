import type { Logger } from 'pino';
import type { Delivery } from '../broker/consumer/consumer.ts';
import type { HandlerContext } from '../handlers/define-handler.ts';
import { assertQueues, storeJobs } from '../jobs/enqueue.ts';
import { prepareJob } from '../jobs/prepare-job.ts';
import type { Project } from '../jobs/project.ts';
import { createJobLog, type KeptJobLog } from './job-log.ts';
import { createOnce } from './once.ts';
import { patiently } from './redis-trouble.ts';

/** What a handler gets, and what the worker asks of it when the attempt is over. */
export interface AttemptContext {
  /** The second argument of the handler. Its parts are made when they are first used: most handlers use few. */
  readonly context: HandlerContext;
  usedOnce(): boolean;
  /** Resolves when all log lines of the handler are kept; nothing when it wrote none. */
  flushed(): Promise<void> | undefined;
}

export function createAttemptContext(project: Project, delivery: Delivery, createLog: () => Logger): AttemptContext {
  const { id, interruption } = delivery;
  let job: HandlerContext['job'] | undefined;
  let log: KeptJobLog | undefined;
  let once: HandlerContext['once'] | undefined;

  const context: HandlerContext = {
    get job() {
      return (job ??= describe(delivery));
    },
    get log() {
      return (log ??= createJobLog(delivery, createLog()));
    },
    get signal() {
      return interruption.signal;
    },
    async progress(percent) {
      if (!Number.isFinite(percent) || percent < 0 || percent > 100) {
        throw new TypeError(`Expected progress() to get a percentage from 0 to 100, got ${String(percent)}`);
      }
      await delivery.progress(percent);
    },
    once(step, fn) {
      once ??= createOnce(project.broker, delivery);
      return once(step, fn);
    },
    async enqueue(nextType, nextPayload, options) {
      const request = { type: nextType, payload: nextPayload, options, by: `job ${id}` };
      const next = await prepareJob(project, request);
      // Its id is made: however often it is sent, it is one job.
      const [stored] = await patiently(interruption.signal, async () => {
        await assertQueues(project, [request], [next]);
        return storeJobs(project, [next]);
      });
      return stored!.id;
    },
  };
  return {
    context: Object.freeze(context),
    usedOnce: () => once !== undefined,
    flushed: () => log?.flushed(),
  };
}

const describe = ({ id, type, queue, attempt, maxAttempts, createdAt, fence }: Delivery): HandlerContext['job'] =>
  Object.freeze({ id, type, queue, attempt, maxAttempts, createdAt, fence });
