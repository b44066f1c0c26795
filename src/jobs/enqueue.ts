import { addJobs, type JobExtras, type NewJob } from '../broker/add-jobs.ts';
import { decodeJob, JOB_FIELDS } from '../broker/job-record.ts';
import { knownQueues } from '../broker/queues.ts';
import { countStates } from '../broker/read-jobs.ts';
import { unwrap } from '../broker/redis.ts';
import { JobQueueError } from '../errors.ts';
import { didYouMean } from '../lib/nearest.ts';
import { type EnqueueRequest, prepareJob } from './prepare-job.ts';
import type { Project } from './project.ts';

export type { EnqueueRequest };

export interface Enqueued {
  id: string;
  queue: string;
  /** False when the same idempotency or deduplication key had made this job before. */
  created: boolean;
}

/**
 * Checks and stores one job.
 * @throws JobQueueError UNKNOWN_TYPE, UNKNOWN_QUEUE, INVALID_PAYLOAD, USAGE, KEY_REUSED, QUEUE_FULL, REDIS_…: nothing was stored
 */
export async function enqueue(project: Project, request: EnqueueRequest): Promise<Enqueued> {
  const [enqueued] = await enqueueMany(project, [request]);
  return enqueued!;
}

/**
 * Checks all, then stores all: when one request is refused, nothing is stored.
 * @throws as {@link enqueue}, the message naming which of several requests (from 1)
 */
export async function enqueueMany(project: Project, requests: readonly EnqueueRequest[]): Promise<Enqueued[]> {
  const jobs: NewJob[] = [];
  for (const request of requests) jobs.push(await prepareJob(project, request));
  await assertQueues(project, requests, jobs);
  return storeJobs(project, jobs);
}

/** Stores jobs that are prepared already, in order. */
export async function storeJobs(project: Project, jobs: readonly NewJob[]): Promise<Enqueued[]> {
  await assertRoom(project, jobs);
  const ids = await addJobs(project.broker, jobs);
  const enqueued = jobs.map((job, index) => ({ id: ids[index]!, queue: job.queue, created: ids[index] === job.id }));
  for (const [index, job] of jobs.entries()) {
    if (job.extras.fingerprint !== undefined) enqueued[index]!.created = await isFirstUse(project, job, job.extras);
  }
  return enqueued;
}

/**
 * BullMQ stores a job id once and says nothing of a second one: what is stored tells who came first, and with what.
 * @throws JobQueueError KEY_REUSED
 */
async function isFirstUse({ broker }: Project, job: NewJob, extras: JobExtras): Promise<boolean> {
  const values = await broker.redis.call('HMGET', broker.keys.job(job.queue, job.id), ...JOB_FIELDS);
  const stored = decodeJob(job.queue, job.id, values as (string | null)[]);
  if (!stored) return true;
  if (stored.extras.fingerprint !== extras.fingerprint) {
    throw new JobQueueError(
      'KEY_REUSED',
      `The idempotency key was used before, for another ${stored.type} job: ${job.id}`,
      {
        hint: 'The same key must come with the same type, payload and options',
      },
    );
  }
  return stored.extras.call === extras.call;
}

/** @throws JobQueueError UNKNOWN_QUEUE for a queue that nobody would work on */
export async function assertQueues(
  project: Project,
  requests: readonly EnqueueRequest[],
  jobs: readonly NewJob[],
): Promise<void> {
  const configured = new Set(['default', ...Object.keys(project.config.values.queues)]);
  const asked = new Set(
    requests.flatMap(({ allowUnknown, options }, index) =>
      options?.queue === undefined || allowUnknown || configured.has(options.queue) ? [] : jobs[index]!.queue,
    ),
  );
  if (asked.size === 0) return;
  const { handlers } = await project.handlers.loadAll();
  const served = [...handlers.values()].flatMap((handler) => handler.queue ?? []);
  const known = new Set([...configured, ...served, ...(await knownQueues(project.broker))]);
  for (const queue of asked) {
    if (known.has(queue)) continue;
    throw new JobQueueError('UNKNOWN_QUEUE', `No queue is named "${queue}"`, {
      hint: didYouMean(queue, known) ?? `Name it in \`queues\` of jobqueue.config.ts. Queues: ${[...known].join(', ')}`,
    });
  }
}

/** @throws JobQueueError QUEUE_FULL */
async function assertRoom(project: Project, asked: readonly NewJob[]): Promise<void> {
  const { broker, config } = project;
  const limited = [...new Set(asked.map((job) => job.queue))].filter(
    (queue) => config.values.queues[queue]?.maxDepth !== undefined,
  );
  if (limited.length === 0) return;
  const jobs = await withoutRepeats(project, asked);
  for (const [queue, { waiting, prioritized, delayed }] of await countStates(broker, limited, [
    'waiting',
    'prioritized',
    'delayed',
  ])) {
    const depth = waiting + prioritized + delayed;
    const more = jobs.filter((job) => job.queue === queue).length;
    const { maxDepth } = config.values.queues[queue]!;
    if (depth + more <= maxDepth!) continue;
    throw new JobQueueError('QUEUE_FULL', `Queue ${queue} is full: ${depth} jobs wait, ${maxDepth} may`, {
      hint: 'Try again later, add workers, or raise its `maxDepth`',
    });
  }
}

/** A job that its idempotency key has made before takes no room. */
async function withoutRepeats({ broker: { redis, keys } }: Project, jobs: readonly NewJob[]): Promise<NewJob[]> {
  const keyed = jobs.filter((job) => job.extras.fingerprint !== undefined);
  const stored = await redis.pipeline(keyed.map((job) => ['EXISTS', keys.job(job.queue, job.id)]));
  const repeats = new Set(keyed.filter((_job, index) => unwrap(stored[index]) === 1));
  return jobs.filter((job) => !repeats.has(job));
}
