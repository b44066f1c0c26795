import type { FastifyReply } from 'fastify';
import type { ErrorCode } from '../errors.ts';
import { enqueueJob, type FormerJob } from '../jobs/enqueue.ts';
import type { Job } from '../jobs/job.ts';
import { isoTime } from '../lib/time.ts';
import type { newJob, newJobHeaders } from './job-schemas.ts';
import type { ServerContext } from './route.ts';
import type { ValueOf } from './schema.ts';

/** What can be wrong with a job that is to be added. */
export const ADD_ERRORS: readonly ErrorCode[] = [
  'UNKNOWN_TYPE',
  'UNKNOWN_QUEUE',
  'INVALID_PAYLOAD',
  'KEY_REUSED',
  'QUEUE_FULL',
  'HANDLER_BROKEN',
];

/** A job as it is answered: times are texts. */
export type AnsweredJob = { [Name in keyof Job]: Job[Name] extends Date | null ? string | null : Job[Name] };

/**
 * Stores one job and says in the head of the answer what came of it: 201, or 200 when there was one; `place` is under
 * which path it can be looked at.
 */
export async function addJob(
  { project }: ServerContext,
  { type, payload, options }: ValueOf<typeof newJob>,
  { headers, reply, place }: { headers: ValueOf<typeof newJobHeaders>; reply: FastifyReply; place: string },
): Promise<AnsweredJob | FormerJob> {
  const key = headers['idempotency-key'];
  const { job, created } = await enqueueJob(project, {
    type,
    payload,
    isParsed: true,
    options: key === undefined ? options : { ...options, id: key },
    by: project.caller.who,
  });
  reply.code(created ? 201 : 200).header('location', `${place}/${encodeURIComponent(job.id)}`);
  return 'createdAt' in job ? withTextTimes(job) : job;
}

/** As JSON has them. Left to JSON.stringify, dates take longer than all the rest of a job. */
const withTextTimes = (job: Job): AnsweredJob => ({
  ...job,
  nextRunAt: textOf(job.nextRunAt),
  createdAt: textOf(job.createdAt),
  updatedAt: textOf(job.updatedAt),
  startedAt: textOf(job.startedAt),
  finishedAt: textOf(job.finishedAt),
});
const textOf = (date: Date | null): string | null => date && isoTime(date.getTime());
