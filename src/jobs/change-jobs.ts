import { replayDead } from '../broker/replay-dead.ts';
import { promoteJobs } from '../broker/promote-jobs.ts';
import { removeJob as removeJobFrom } from '../broker/remove-job.ts';
import { JobQueueError } from '../errors.ts';
import { uuidV7 } from '../lib/uuid.ts';
import { audit } from './audit.ts';
import { getJob, locateJob } from './find-jobs.ts';
import type { Job } from './job.ts';
import type { Project } from './project.ts';

/** Puts one dead letter back to wait, as new. @throws JobQueueError JOB_NOT_FOUND, JOB_STATE unless it is dead */
export async function retryJob(project: Project, id: string, queue?: string): Promise<Job> {
  const place = await locateJob(project, id, queue);
  const moved = await replayDead(project.broker, place, [id], `r_${uuidV7()}`);
  await audit(project, { what: 'retry', count: moved, id, queue: place });
  const job = await getJob(project, id, place);
  if (moved === 1) return job;
  throw new JobQueueError('JOB_STATE', `Job ${id} is not dead but ${job.state}: there is nothing to retry`);
}

/** Deletes a job that is not running. @throws JobQueueError JOB_NOT_FOUND, JOB_STATE while it runs */
export async function removeJob(project: Project, id: string, queue?: string): Promise<void> {
  const place = await locateJob(project, id, queue);
  if (!(await removeJobFrom(project.broker, place, id))) {
    throw new JobQueueError('JOB_STATE', `Job ${id} is running: it can be removed when it has ended`);
  }
  await audit(project, { what: 'remove', count: 1, id, queue: place });
}

/** Lets a delayed job wait for its turn at once. @throws JobQueueError JOB_NOT_FOUND, JOB_STATE unless it is delayed */
export async function promoteJob(project: Project, id: string, queue?: string): Promise<Job> {
  const place = await locateJob(project, id, queue);
  const promoted = await promoteJobs(project.broker, place, [id]);
  const job = await getJob(project, id, place);
  if (promoted === 1) return job;
  throw new JobQueueError('JOB_STATE', `Job ${id} is not delayed but ${job.state}: there is nothing to promote`);
}
