import type { Delivery } from '../broker/consumer.ts';
import type { HandlerContext } from '../handlers/define-handler.ts';
import { assertQueues, storeJobs } from '../jobs/enqueue.ts';
import { prepareJob } from '../jobs/prepare-job.ts';
import type { Project } from '../jobs/project.ts';
import { createOnce } from './once.ts';
import { patiently } from './redis-trouble.ts';

/** The second argument of the handler in one attempt. */
export function createHandlerContext(
  project: Project,
  delivery: Delivery,
  { log, signal, onOnce }: Pick<HandlerContext, 'log' | 'signal'> & { onOnce(): void },
): HandlerContext {
  const { id, type, queue, attempt, maxAttempts, createdAt } = delivery;
  return Object.freeze({
    job: Object.freeze({ id, type, queue, attempt, maxAttempts, createdAt }),
    log,
    signal,
    async progress(percent: number) {
      if (!Number.isFinite(percent) || percent < 0 || percent > 100) {
        throw new TypeError(`Expected progress() to get a percentage from 0 to 100, got ${String(percent)}`);
      }
      await delivery.progress(percent);
    },
    once: createOnce(project.broker, delivery, { signal, onUse: onOnce }),
    async enqueue(nextType, nextPayload, options) {
      const request = { type: nextType, payload: nextPayload, options };
      const next = await prepareJob(project, request);
      // Its id is made: however often it is sent, it is one job.
      const [stored] = await patiently(signal, async () => {
        await assertQueues(project, [request], [next]);
        return storeJobs(project, [next]);
      });
      return stored!.id;
    },
  } satisfies HandlerContext);
}
