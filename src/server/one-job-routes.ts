import type { FastifyReply, FastifyRequest } from 'fastify';
import { JobQueueError } from '../errors.ts';
import { cancelJob } from '../jobs/cancel-job.ts';
import { removeJob, retryJob } from '../jobs/change-jobs.ts';
import { editJob } from '../jobs/edit-job.ts';
import { getJob, getJobLogs } from '../jobs/find-jobs.ts';
import type { Job } from '../jobs/job.ts';
import { waitForJob } from '../jobs/wait-for-job.ts';
import { parseDuration, renderDuration } from '../lib/duration.ts';
import { record, refTo, string } from './answer-schemas.ts';
import { DEAD, JOB, NEW } from './examples.ts';
import { HttpError } from './http-error.ts';
import { jobEdit, jobParams, jobQuery, queueQuery } from './job-schemas.ts';
import { type Answer, type Route, route, type ServerContext } from './route.ts';
import { list, type ValueOf } from './schema.ts';
import { untilGone } from './until-gone.ts';

const theJob = (description: string, example: object): Route['answers'] => ({
  200: { description, schema: refTo('Job'), example } satisfies Answer,
});
const oneJob = { params: jobParams, querystring: queueQuery } as const;
type OneJob = { Params: ValueOf<typeof jobParams>; Querystring: ValueOf<typeof queueQuery> };

export const ONE_JOB_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    url: '/api/jobs/:id',
    scope: 'read',
    perQueue: true,
    operation: 'getJob',
    tag: 'jobs',
    summary: 'Look at a job, or wait until it has ended',
    schema: { params: jobParams, querystring: jobQuery },
    answers: theJob('The job; with `wait`, when it has ended or the time is over', JOB),
    errors: ['JOB_NOT_FOUND'],
    handle: handleGetJob,
  }),
  route({
    method: 'GET',
    url: '/api/jobs/:id/logs',
    scope: 'read',
    perQueue: true,
    operation: 'getJobLogs',
    tag: 'jobs',
    summary: 'Read the log lines of a job, oldest first',
    schema: oneJob,
    answers: {
      200: {
        description: 'The last 1,000 lines',
        schema: record({ lines: list('lines', string('As the handler wrote it, with its time and level')) }),
        example: { lines: ['2026-01-31T09:05:00.120Z info sent'] },
      },
    },
    errors: ['JOB_NOT_FOUND'],
    handle: async ({ project }, { params: { id }, query: { queue } }) => ({
      lines: await getJobLogs(project, id, queue),
    }),
  }),
  route({
    method: 'POST',
    url: '/api/jobs/:id/retry',
    scope: 'operate',
    perQueue: true,
    operation: 'retryJob',
    tag: 'jobs',
    summary: 'Run a dead job again, with all its attempts',
    schema: oneJob,
    answers: theJob('It waits again', NEW),
    errors: ['JOB_NOT_FOUND', 'JOB_STATE'],
    statuses: { JOB_STATE: 400 },
    handle: ({ project }, { params: { id }, query: { queue } }) => retryJob(project, id, queue),
  }),
  route({
    method: 'POST',
    url: '/api/jobs/:id/cancel',
    scope: 'operate',
    perQueue: true,
    operation: 'cancelJob',
    tag: 'jobs',
    summary: 'End a job that waits or runs; it is dead then',
    schema: oneJob,
    answers: {
      ...theJob('It is dead', DEAD),
      202: { description: 'Its handler was told, and has not ended yet', schema: refTo('Job'), example: NEW },
    },
    errors: ['JOB_NOT_FOUND', 'JOB_STATE'],
    statuses: { JOB_STATE: 400 },
    handle: handleCancel,
  }),
  route({
    method: 'PATCH',
    url: '/api/jobs/:id',
    scope: 'operate',
    perQueue: true,
    operation: 'editJob',
    tag: 'jobs',
    summary: 'Change the payload, priority or delay of a pending job',
    schema: { ...oneJob, body: jobEdit },
    example: { priority: 1, delay: '10m' },
    answers: theJob('As it is now', NEW),
    errors: ['JOB_NOT_FOUND', 'JOB_STATE', 'INVALID_PAYLOAD'],
    handle: ({ project }, { params: { id }, query: { queue }, body }) => editJob(project, id, body, queue),
  }),
  route({
    method: 'DELETE',
    url: '/api/jobs/:id',
    scope: 'operate',
    perQueue: true,
    operation: 'removeJob',
    tag: 'jobs',
    summary: 'Delete a job that is not running',
    schema: oneJob,
    answers: { 204: { description: 'It is gone' } },
    errors: ['JOB_NOT_FOUND', 'JOB_STATE'],
    async handle({ project }, { params: { id }, query: { queue } }, reply) {
      await removeJob(project, id, queue);
      return reply.code(204).send();
    },
  }),
];

/** The longest `?wait=`: beyond it proxies give up before the answer comes. */
const MAX_WAIT_MS = 300_000;

/** With `?wait=` the finished job; when that time is over first, the job as it is then. */
async function handleGetJob(
  context: ServerContext,
  {
    params: { id },
    query: { queue, wait },
  }: FastifyRequest<{ Params: ValueOf<typeof jobParams>; Querystring: ValueOf<typeof jobQuery> }>,
  reply: FastifyReply,
): Promise<Job> {
  const { project, stopping } = context;
  if (wait === undefined) return getJob(project, id, queue);
  const timeoutMs = parseDuration(wait)!;
  if (timeoutMs > MAX_WAIT_MS) {
    throw new JobQueueError(
      'USAGE',
      `Expected "wait" in the query to be at most ${renderDuration(MAX_WAIT_MS)}, got "${wait}"`,
    );
  }
  try {
    return await waitForJob(project, id, { timeoutMs, queue, signal: untilGone(context, reply) });
  } catch (error) {
    if (stopping.aborted) throw new HttpError('STOPPING');
    if (error instanceof JobQueueError && error.code === 'TIMED_OUT') return getJob(project, id, queue);
    throw error;
  }
}

async function handleCancel(
  { project }: ServerContext,
  { params: { id }, query: { queue } }: FastifyRequest<OneJob>,
  reply: FastifyReply,
): Promise<Job> {
  try {
    return await cancelJob(project, id, queue);
  } catch (error) {
    if (!(error instanceof JobQueueError && error.code === 'TIMED_OUT')) throw error;
    reply.code(202);
    return getJob(project, id, queue);
  }
}
