import { cancelPending } from '../broker/cancel-pending.ts';
import { askWorkers } from '../broker/control.ts';
import { JobQueueError } from '../errors.ts';
import { monotonicMs, sleep } from '../lib/clock.ts';
import { audit } from './audit.ts';
import { getJob, locateJob } from './find-jobs.ts';
import type { Job } from './job.ts';
import type { Project } from './project.ts';

/** A handler that does not listen to its signal is given up after a second. */
export const END_MS = 5000;
const LOOK_EVERY_MS = 20;
const TRIES = 3;

/**
 * Ends a job, wherever it is: one that waits is dead at once; one that runs has its signal aborted, within milliseconds
 * and on whatever machine, and is dead when its handler has ended. The reason says who wanted it.
 * @returns the dead job
 * @throws JobQueueError JOB_NOT_FOUND; JOB_STATE when it has finished, waits for its children, or runs in a worker that cannot be told
 */
export async function cancelJob(project: Project, id: string, queue?: string): Promise<Job> {
  const { broker, caller } = project;
  const by = caller.who;
  const place = await locateJob(project, id, queue);
  // It may start, or be put back, between one look and the next.
  for (let tries = 0; tries < TRIES; tries += 1) {
    const outcome = await cancelPending(broker, place, id, `Cancelled by ${by}`);
    if (outcome === 'done') return ended(project, id, place);
    if (outcome === 'of-scheduler') throw new JobQueueError('JOB_STATE', ofScheduler(id));
    const { state } = await getJob(project, id, place);
    if (state === 'completed' || state === 'failed' || state === 'waiting-children') {
      throw new JobQueueError('JOB_STATE', `Job ${id} is ${state}: there is nothing to cancel`);
    }
    if (state !== 'active') continue;
    const answers = await askWorkers(broker, { kind: 'cancel', queue: place, ids: [id], by });
    if (answers.some(({ isDone }) => isDone)) {
      await untilDead(project, id, place);
      return ended(project, id, place);
    }
  }
  throw new JobQueueError('JOB_STATE', `Job ${id} runs in a worker that cannot be told`, {
    hint: 'Only workers started with jq work listen; a job whose worker is gone waits again within half a minute',
  });
}

/** Why such a job cannot be ended. */
export const ofScheduler = (id: string): string =>
  `Job ${id} is the next one of a scheduler: without it there would be none after it`;

async function ended(project: Project, id: string, queue: string): Promise<Job> {
  await audit(project, { what: 'cancel', count: 1, id, queue });
  return getJob(project, id, queue);
}

async function untilDead(project: Project, id: string, queue: string): Promise<void> {
  for (const deadline = monotonicMs() + END_MS; monotonicMs() < deadline; await sleep(LOOK_EVERY_MS)) {
    const job = await getJob(project, id, queue);
    if (job.state === 'failed') return;
    if (job.state === 'completed') {
      throw new JobQueueError('JOB_STATE', `Job ${id} is completed: its handler was sooner done than told`);
    }
  }
  throw new JobQueueError('TIMED_OUT', `Job ${id} was told to end but has not ended yet`);
}
