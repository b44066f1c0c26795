import { nextJobsOf, removeSchedule as removeFrom } from '../broker/change-schedules.ts';
import { promoteJobs } from '../broker/promote-jobs.ts';
import { readState } from '../broker/read-jobs.ts';
import { JobQueueError } from '../errors.ts';
import { audit } from './audit.ts';
import type { Project } from './project.ts';

/**
 * Lets the next job of a schedule wait for its turn at once. The one after it comes when that would have been due anyway.
 * @returns the id of the job
 * @throws JobQueueError SCHEDULE_NOT_FOUND; JOB_STATE when that job does not wait for its time
 */
export async function runSchedule(project: Project, queue: string, id: string): Promise<string> {
  const { broker } = project;
  const names = await nextJobsOf(broker, queue, id);
  if (!names) throw notFound(queue, id);
  for (const name of names) {
    if ((await promoteJobs(broker, queue, [name])) === 0) continue;
    await audit(project, { what: 'run-schedule', count: 1, id, queue });
    return name;
  }
  const states = await Promise.all(names.map((name) => readState(broker, queue, name)));
  const state = states.find((each) => each !== undefined);
  throw new JobQueueError(
    'JOB_STATE',
    state
      ? `The next job of schedule ${id} is ${state}, not delayed: there is nothing to bring forward`
      : `Schedule ${id} has no next job: a worker of its queue makes one when it ends the one before`,
  );
}

/**
 * Removes a schedule and the job that it has added for its next time; what waits or runs already goes on.
 * @throws JobQueueError SCHEDULE_NOT_FOUND
 */
export async function removeSchedule(project: Project, queue: string, id: string): Promise<void> {
  if (!(await removeFrom(project.broker, queue, id))) throw notFound(queue, id);
  await audit(project, { what: 'remove-schedule', count: 1, id, queue });
}

const notFound = (queue: string, id: string): JobQueueError =>
  new JobQueueError('SCHEDULE_NOT_FOUND', `There is no schedule ${JSON.stringify(id)} in queue ${queue}`);
