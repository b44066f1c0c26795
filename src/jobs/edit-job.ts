import { editJob as editJobIn } from '../broker/edit-job.ts';
import { readJobs } from '../broker/read-jobs.ts';
import { JobQueueError } from '../errors.ts';
import { validatePayload } from '../handlers/validate-payload.ts';
import { type Duration, parseDuration } from '../lib/duration.ts';
import type { Json } from '../lib/json.ts';
import { audit } from './audit.ts';
import { getJob, locateJob } from './find-jobs.ts';
import type { Job } from './job.ts';
import type { Project } from './project.ts';

/** What can be changed of a job that nobody has taken yet; what is left out stays. */
export interface JobEdit {
  payload?: Json;
  priority?: number;
  /** From now on; 0 lets it run as soon as its turn comes. */
  delay?: Duration;
}

/**
 * Changes a pending job, all of it or nothing. The payload is checked as when it is enqueued, where this project has the handler.
 * @throws JobQueueError JOB_NOT_FOUND, INVALID_PAYLOAD, JOB_STATE when it runs or has ended
 */
export async function editJob(project: Project, id: string, edit: JobEdit, queue?: string): Promise<Job> {
  const place = await locateJob(project, id, queue);
  if (edit.payload !== undefined) await checkPayload(project, place, id, edit.payload);
  const answer = await editJobIn(project.broker, place, id, {
    payload: edit.payload,
    priority: edit.priority,
    delayMs: parseDuration(edit.delay),
    at: project.broker.clock.now(),
  });
  if (answer === 'done') await audit(project, { what: 'change', count: 1, id, queue: place });
  const job = await getJob(project, id, place);
  if (answer !== 'done') assertPending(job);
  // It was taken, and has been put back since.
  if (answer !== 'done') throw new JobQueueError('JOB_STATE', `Job ${id} was taken just then: it was not changed`);
  return job;
}

/** @throws JobQueueError JOB_STATE for a job that runs or has ended: it cannot be changed */
export function assertPending({ id, status, state }: Job): void {
  if (status === 'pending') return;
  throw new JobQueueError('JOB_STATE', `Job ${id} is ${state}: only a job that nobody has taken yet can be changed`);
}

async function checkPayload({ broker, handlers }: Project, queue: string, id: string, payload: Json): Promise<void> {
  const [record] = await readJobs(broker, queue, [id]);
  if (!record) return;
  const handler = await handlers.find(record.type);
  if (handler?.input) await validatePayload(record.type, handler.input, payload);
}
