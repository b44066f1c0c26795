import type { NewJob } from '../broker/add-jobs.ts';
import { decodeJob, JOB_FIELDS, type JobRecord } from '../broker/job-record.ts';
import { unwrap } from '../broker/redis.ts';
import { JobQueueError } from '../errors.ts';
import type { Project } from './project.ts';

// BullMQ stores a job id once and says nothing of a second one: what is stored tells who came first, and with what.

/** The jobs that have an idempotency key. */
export const keyedJobs = (jobs: readonly NewJob[]): NewJob[] =>
  jobs.filter((job) => job.extras.fingerprint !== undefined);

/** What is stored under the ids of these jobs, in one round trip; those that are not stored are left out. */
export async function readStored({ broker }: Project, jobs: readonly NewJob[]): Promise<Map<NewJob, JobRecord>> {
  const { redis, keys } = broker;
  if (jobs.length === 0) return new Map();
  const replies = await redis.pipeline(jobs.map(({ queue, id }) => ['HMGET', keys.job(queue, id), ...JOB_FIELDS]));
  return new Map(
    jobs.flatMap((job, index) => {
      const record = decodeJob(job.queue, job.id, unwrap<(string | null)[]>(replies[index]));
      return record ? [[job, record] as const] : [];
    }),
  );
}

/** @throws JobQueueError KEY_REUSED for a job whose key is that of another one, stored or before it in the list */
export function assertKeysFit(jobs: readonly NewJob[], stored: ReadonlyMap<NewJob, JobRecord>): void {
  const first = new Map<string, NewJob>();
  for (const job of jobs) {
    const other = stored.get(job) ?? first.get(job.id) ?? job;
    first.set(job.id, job);
    if (other.extras.fingerprint === job.extras.fingerprint) continue;
    throw new JobQueueError(
      'KEY_REUSED',
      `The idempotency key was used before, for another ${other.type} job: ${job.id}`,
      { hint: 'The same key must come with the same type, payload and options' },
    );
  }
}

/** Whether this call stored the job: it may have been there before, and it may be gone already. */
export const isOurs = (job: NewJob, stored: JobRecord | undefined): boolean =>
  stored === undefined || stored.extras.call === job.extras.call;
