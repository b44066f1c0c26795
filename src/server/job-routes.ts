import type { FastifyReply, FastifyRequest } from 'fastify';
import { JobQueueError, messageOf } from '../errors.ts';
import { enqueue } from '../jobs/enqueue.ts';
import { countJobs, getJob, listJobs } from '../jobs/find-jobs.ts';
import type { Job } from '../jobs/job.ts';
import { waitForJob } from '../jobs/wait-for-job.ts';
import { parseDuration, renderDuration } from '../lib/duration.ts';
import { HttpError } from './http-error.ts';
import {
  type JobListQuery,
  type JobParams,
  type JobQuery,
  jobListQuery,
  jobParams,
  jobQuery,
  type NewJobBody,
  type NewJobHeaders,
  newJobBody,
  newJobHeaders,
  type QueueQuery,
  queueQuery,
} from './job-schemas.ts';
import type { Route, ServerContext } from './route.ts';

const addJob = {
  method: 'POST',
  scope: 'enqueue',
  perQueue: true,
  schema: { body: newJobBody, headers: newJobHeaders },
  handle: handleAddJob,
} as const satisfies Omit<Route<NewJobRequest>, 'url'>;

export const JOB_ROUTES: readonly Route[] = [
  { ...addJob, url: '/api/jobs' },
  // The path that other job queues taught people.
  { ...addJob, url: '/jobs' },
  {
    method: 'GET',
    url: '/api/jobs',
    scope: 'read',
    perQueue: true,
    schema: { querystring: jobListQuery },
    handle: ({ project }, { query }: FastifyRequest<{ Querystring: JobListQuery }>) =>
      listJobs(project, { limit: 100, offset: 0, ...query }),
  },
  {
    method: 'GET',
    url: '/api/jobs/stats',
    scope: 'read',
    perQueue: true,
    schema: { querystring: queueQuery },
    handle: ({ project }, { query }: FastifyRequest<{ Querystring: QueueQuery }>) => countJobs(project, query),
  },
  {
    method: 'GET',
    url: '/api/jobs/:id',
    scope: 'read',
    perQueue: true,
    schema: { params: jobParams, querystring: jobQuery },
    handle: handleGetJob,
  },
];

type NewJobRequest = { Body: NewJobBody; Headers: NewJobHeaders };

/** What is known of a job that was stored and could not be read back. */
type StoredJob = Pick<Job, 'id' | 'type' | 'queue' | 'payload'>;

async function handleAddJob(
  { project }: ServerContext,
  { body: { type, payload, options }, headers, log }: FastifyRequest<NewJobRequest>,
  reply: FastifyReply,
): Promise<Job | StoredJob> {
  const key = headers['idempotency-key'];
  const { id, queue, created } = await enqueue(project, {
    type,
    payload,
    options: key === undefined ? options : { ...options, id: key },
  });
  reply.code(created ? 201 : 200).header('location', `/api/jobs/${encodeURIComponent(id)}`);
  try {
    return await getJob(project, id, queue);
  } catch (error) {
    // It is stored, and an error would make the caller send it again: it may have been done and removed, or Redis went away.
    log.warn({ job: id, reason: messageOf(error) }, 'the new job could not be read back');
    return { id, type, queue, payload };
  }
}

/** The longest `?wait=`: beyond it proxies give up before the answer comes. */
const MAX_WAIT_MS = 300_000;

/** With `?wait=` the finished job; when that time is over first, the job as it is then. */
async function handleGetJob(
  { project, stopping }: ServerContext,
  {
    params: { id },
    query: { queue, wait },
    signal: clientGone,
  }: FastifyRequest<{ Params: JobParams; Querystring: JobQuery }>,
): Promise<Job> {
  if (wait === undefined) return getJob(project, id, queue);
  const timeoutMs = parseDuration(wait)!;
  if (timeoutMs > MAX_WAIT_MS) {
    throw new JobQueueError(
      'USAGE',
      `Expected "wait" in the query to be at most ${renderDuration(MAX_WAIT_MS)}, got "${wait}"`,
    );
  }
  try {
    return await waitForJob(project, id, { timeoutMs, queue, signal: AbortSignal.any([stopping, clientGone]) });
  } catch (error) {
    if (stopping.aborted) throw new HttpError('STOPPING');
    if (error instanceof JobQueueError && error.code === 'TIMED_OUT') return getJob(project, id, queue);
    throw error;
  }
}
