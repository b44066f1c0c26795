import type { FastifyReply, FastifyRequest } from 'fastify';
import { enqueueMany } from '../jobs/enqueue.ts';
import { countJobs } from '../jobs/find-jobs.ts';
import { listFitting } from '../jobs/list-fitting.ts';
import { listJobs } from '../jobs/list-jobs.ts';
import { JobQueueError } from '../errors.ts';
import { sha256Url } from '../lib/digest.ts';
import { canonicalJson } from '../lib/json.ts';
import { ADD_ERRORS, addJob } from './add-job.ts';
import { count, fittingPage, record, refTo, string } from './answer-schemas.ts';
import { JOB, NEW, NEW_JOB } from './examples.ts';
import { jobListQuery, newJob, newJobHeaders, newJobs, queueQuery } from './job-schemas.ts';
import { type Answer, type Route, route, type ServerContext } from './route.ts';
import { list, type ValueOf } from './schema.ts';
import { untilGone } from './until-gone.ts';

const added: Route['answers'] = {
  201: { description: 'Stored. `Location` is where it can be looked at', schema: refTo('Job'), example: NEW },
  200: {
    description:
      'There was one with this idempotency or deduplication key: as it is now, or no more than its place when it is not kept any more',
    schema: { anyOf: [refTo('Job'), record({ id: string('Its id'), queue: string('Its queue') })] },
    example: JOB,
  },
};

const addOne = {
  method: 'POST',
  scope: 'enqueue',
  perQueue: true,
  schema: { body: newJob, headers: newJobHeaders },
  example: NEW_JOB,
  answers: added,
  errors: ADD_ERRORS,
  handle: handleAddJob,
} as const;

export const JOB_ROUTES: readonly Route[] = [
  route({ ...addOne, url: '/api/jobs', operation: 'addJob', tag: 'jobs', summary: 'Add a job' }),
  route({ ...addOne, url: '/jobs', operation: 'postJob', tag: 'other words', summary: 'Add a job' }),
  route({
    method: 'POST',
    url: '/api/jobs/bulk',
    scope: 'enqueue',
    perQueue: true,
    operation: 'addJobs',
    tag: 'jobs',
    summary: 'Add many jobs, all or none',
    schema: { body: newJobs, headers: newJobHeaders },
    example: { jobs: [NEW_JOB, { type: 'resize-image', payload: { file: 'a.png' } }] },
    answers: {
      201: addedMany('Stored'),
      200: addedMany('All of them were there already'),
    },
    errors: ADD_ERRORS,
    handle: handleAddJobs,
  }),
  route({
    method: 'GET',
    url: '/api/jobs',
    scope: 'read',
    perQueue: true,
    operation: 'listJobs',
    tag: 'jobs',
    summary: 'List jobs, newest first',
    schema: { querystring: jobListQuery },
    answers: {
      200: {
        description: 'A page of them',
        schema: fittingPage,
        example: { jobs: [JOB], total: 1, limit: 100, offset: 0 },
      },
    },
    errors: ['UNKNOWN_QUEUE'],
    handle: handleListJobs,
  }),
  route({
    method: 'GET',
    url: '/api/jobs/stats',
    scope: 'read',
    perQueue: true,
    operation: 'countJobs',
    tag: 'jobs',
    summary: 'Count the jobs of each status',
    schema: { querystring: queueQuery },
    answers: {
      200: {
        description: 'Over all queues, or in the one that was named',
        schema: record({
          pending: count('Wait, or are not due yet'),
          processing: count('Run'),
          completed: count('Completed ones that are kept'),
          failed: count('Dead letters'),
        }),
        example: { pending: 12, processing: 5, completed: 9034, failed: 3 },
      },
    },
    errors: ['UNKNOWN_QUEUE'],
    handle: ({ project }, { query }) => countJobs(project, query),
  }),
];

/** Who chooses by what a job is, not by where, has it looked for. */
function handleListJobs(
  context: ServerContext,
  { query }: FastifyRequest<{ Querystring: ValueOf<typeof jobListQuery> }>,
  reply: FastifyReply,
) {
  const { type, where, cursor, ...place } = { limit: 100, offset: 0, ...query };
  if (type !== undefined || where !== undefined) {
    return listFitting(context.project, { ...place, type, where, cursor }, untilGone(context, reply));
  }
  if (cursor === undefined) return listJobs(context.project, place);
  throw new JobQueueError('USAGE', 'Expected "cursor" with the "type" or "where" that it was answered to');
}

function handleAddJob(
  context: ServerContext,
  { body, headers }: FastifyRequest<{ Body: ValueOf<typeof newJob>; Headers: ValueOf<typeof newJobHeaders> }>,
  reply: FastifyReply,
) {
  return addJob(context, body, { headers, reply, place: '/api/jobs' });
}

function addedMany(description: string): Answer {
  return {
    description,
    schema: record({
      ids: list('ids', string('The id of a job')),
      created: count('How many of them were new'),
    }),
    example: { ids: ['j_0199b2f0c4d87e5f8a31b6c2d4e5f607', 'j_0199b2f0c4d87e5f8a31b6c2d4e5f608'], created: 2 },
  };
}

async function handleAddJobs(
  { project }: ServerContext,
  { body, headers }: FastifyRequest<{ Body: ValueOf<typeof newJobs>; Headers: ValueOf<typeof newJobHeaders> }>,
  reply: FastifyReply,
) {
  const key = headers['idempotency-key'];
  const jobs = key === undefined ? body.jobs : keyEach(key, body.jobs);
  const enqueued = await enqueueMany(project, jobs);
  const created = enqueued.filter((each) => each.created).length;
  reply.code(created > 0 ? 201 : 200);
  return { ids: enqueued.map(({ id }) => id), created };
}

/** Each job gets a key of its own, and all know the whole list: another list under the same key is refused. */
function keyEach(key: string, jobs: ValueOf<typeof newJobs>['jobs']) {
  const partOf = sha256Url(canonicalJson(jobs));
  return jobs.map((job, index) => ({ ...job, options: { ...job.options, id: `${sha256Url(key)}#${index}` }, partOf }));
}
