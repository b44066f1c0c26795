import { getJob } from '../jobs/find-jobs.ts';
import type { Job, JobStatus } from '../jobs/job.ts';
import { ADD_ERRORS, addJob } from './add-job.ts';
import { count, instant, record, string } from './answer-schemas.ts';
import { JOB, NEW_JOB } from './examples.ts';
import { jobIdParams, newJobHeaders, submittedJob } from './job-schemas.ts';
import { type Route, route } from './route.ts';
import { oneOf } from './schema.ts';

/** The words for a status that other systems of this kind taught people. */
const WORDS = {
  pending: 'QUEUED',
  processing: 'PROCESSING',
  completed: 'COMPLETED',
  failed: 'FAILED',
} as const satisfies Record<JobStatus, string>;
const word = { ...oneOf(Object.values(WORDS)), description: 'Where the job is' };

const submitted = record({ jobId: string('Its id'), status: word });

export const FAMILIAR_ROUTES: readonly Route[] = [
  route({
    method: 'POST',
    url: '/submit-job',
    scope: 'enqueue',
    perQueue: true,
    operation: 'submitJob',
    tag: 'other words',
    summary: 'Add a job',
    schema: { body: submittedJob, headers: newJobHeaders },
    example: { jobType: NEW_JOB.type, payload: NEW_JOB.payload },
    answers: {
      201: { description: 'Stored', schema: submitted, example: { jobId: JOB.id, status: 'QUEUED' } },
      200: { description: 'It was there already', schema: submitted, example: { jobId: JOB.id, status: 'COMPLETED' } },
    },
    errors: ADD_ERRORS,
    async handle(context, { body: { jobType, ...body }, headers }, reply) {
      const job = await addJob(context, { type: jobType, ...body }, { headers, reply, place: '/job-status' });
      // A job that is not kept any more has been completed.
      return { jobId: job.id, status: 'status' in job ? WORDS[job.status] : WORDS.completed };
    },
  }),
  route({
    method: 'GET',
    url: '/job-status/:jobId',
    scope: 'read',
    perQueue: true,
    operation: 'getJobStatus',
    tag: 'other words',
    summary: 'Look where a job is',
    schema: { params: jobIdParams },
    answers: {
      200: {
        description: 'Where it is',
        schema: record({
          jobId: string('Its id'),
          status: word,
          retries: count('How often it was tried again'),
          createdAt: instant('When it was added'),
          updatedAt: instant('When it last changed'),
        }),
        example: {
          jobId: JOB.id,
          status: 'COMPLETED',
          retries: 0,
          createdAt: JOB.createdAt,
          updatedAt: JOB.updatedAt,
        },
      },
    },
    errors: ['JOB_NOT_FOUND'],
    async handle({ project }, { params: { jobId } }) {
      const job = await getJob(project, jobId);
      const { createdAt, updatedAt } = job;
      return { jobId, status: WORDS[job.status], retries: retriesOf(job), createdAt, updatedAt };
    },
  }),
];

/** Attempts after the first one, that which runs included. */
const retriesOf = ({ attempts, status }: Job): number => Math.max(0, attempts - (status === 'processing' ? 0 : 1));
