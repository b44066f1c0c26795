import { addJob, type AddedJob, addJobs } from '../broker/add-jobs.ts';
import type { NewJob } from '../broker/new-job.ts';
import { isKeyed, readKeyUses } from '../broker/key-uses.ts';
import { knownQueues } from '../broker/queues.ts';
import { countStates } from '../broker/read-jobs.ts';
import { JobQueueError } from '../errors.ts';
import type { PayloadFault } from '../handlers/validate-payload.ts';
import type { MaybeLate } from '../lib/maybe-late.ts';
import { didYouMean } from '../lib/nearest.ts';
import { sees } from './caller.ts';
import { getJob, jobOf } from './find-jobs.ts';
import { assertKeysFit } from './idempotency.ts';
import type { Job } from './job.ts';
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

/** A job of which no more is known than where it was: it is not kept any more. */
export type FormerJob = Pick<Job, 'id' | 'queue'>;

/**
 * Checks and stores one job, for those who want to see it: a new one as it was stored, without asking Redis again; else
 * the one that was there, as it is now. @throws as {@link enqueue}
 */
export async function enqueueJob(
  project: Project,
  request: EnqueueRequest,
): Promise<{ job: Job | FormerJob; created: boolean }> {
  const preparing = prepareJob(project, request);
  const asked = preparing instanceof Promise ? await preparing : preparing;
  const checking = assertQueues(project, [request], [asked]);
  if (checking) await checking;
  const { id, queue, created } = await storeJob(project, asked);
  if (created) return { job: jobOf(asked), created };
  try {
    return { job: await getJob(project, id, queue), created };
  } catch (error) {
    // A key may be kept for longer than its job.
    if (error instanceof JobQueueError && error.code === 'JOB_NOT_FOUND') return { job: { id, queue }, created };
    throw error;
  }
}

/**
 * Checks all, then stores all: when one request is refused, nothing is stored.
 * @throws as {@link enqueue}, the message naming which of several requests (from 1), `details` its place (`jobs.0`)
 */
export async function enqueueMany(project: Project, requests: readonly EnqueueRequest[]): Promise<Enqueued[]> {
  const jobs: NewJob[] = [];
  for (const [index, request] of requests.entries()) {
    try {
      jobs.push(await prepareJob(project, request));
    } catch (error) {
      raiseNumbered(error, index, requests.length);
    }
  }
  await assertQueues(project, requests, jobs);
  return storeJobs(project, jobs);
}

function raiseNumbered(error: unknown, index: number, total: number): never {
  if (total === 1 || !(error instanceof JobQueueError)) throw error;
  const { code, message, hint, details } = error;
  // What a schema refused has a place in the payload already.
  const faults = code === 'INVALID_PAYLOAD' ? (details as PayloadFault[]) : [{ path: undefined, message }];
  throw new JobQueueError(code, `Job ${index + 1} of ${total}: ${message}`, {
    hint,
    details: faults.map((fault) => ({
      path: ['jobs', index, ...(fault.path === undefined ? [] : ['payload', fault.path])]
        .filter((each) => each !== '')
        .join('.'),
      message: fault.message,
    })),
    cause: error,
  });
}

/** Stores jobs that are prepared already, in order. @throws JobQueueError KEY_REUSED, QUEUE_FULL */
export async function storeJobs(project: Project, jobs: readonly NewJob[]): Promise<Enqueued[]> {
  if (jobs.some(isKeyed)) return storeKeyedJobs(project, jobs);
  await assertRoom(project, jobs);
  const added = await addJobs(project.broker, jobs);
  return jobs.map((job, index) => outcomeOf(job, added[index]!));
}

async function storeJob(project: Project, job: NewJob): Promise<Enqueued> {
  if (isKeyed(job)) return (await storeKeyedJobs(project, [job]))[0]!;
  const checking = assertRoom(project, [job]);
  if (checking) await checking;
  return outcomeOf(job, await addJob(project.broker, job));
}

const outcomeOf = ({ id, queue }: NewJob, added: AddedJob): Enqueued => ({
  id: added.id,
  queue,
  created: added.id === id,
});

/** Some of them have an idempotency key, which somebody may have used before. */
async function storeKeyedJobs(project: Project, jobs: readonly NewJob[]): Promise<Enqueued[]> {
  const keyed = jobs.filter(isKeyed);
  const known = await readKeyUses(project.broker, keyed);
  assertKeysFit(keyed, known);
  // A job that its idempotency key has made before takes no room.
  await assertRoom(
    project,
    jobs.filter((job) => !known.has(job)),
  );
  const added = await addJobs(project.broker, jobs);
  const uses = new Map(jobs.flatMap((job, index) => (added[index]!.use ? [[job, added[index]!.use] as const] : [])));
  const unclear = keyed.filter((job) => !uses.has(job) && !known.has(job));
  // Somebody else may have used a key meanwhile.
  assertKeysFit(keyed, new Map([...known, ...uses, ...(await readKeyUses(project.broker, unclear))]));
  return jobs.map((job, index) => {
    const { id, use } = added[index]!;
    const isFirst = !isKeyed(job) || use?.call === job.idempotency.call;
    return { id, queue: job.queue, created: id === job.id && isFirst };
  });
}

/** @throws JobQueueError UNKNOWN_QUEUE for a queue that nobody would work on */
export function assertQueues(
  project: Project,
  requests: readonly EnqueueRequest[],
  jobs: readonly NewJob[],
): MaybeLate<void> {
  const { queues } = project.config.values;
  const asked = jobs.filter((_job, index) => {
    const { allowUnknown, options } = requests[index]!;
    const queue = options?.queue;
    return queue !== undefined && !allowUnknown && queue !== 'default' && !Object.hasOwn(queues, queue);
  });
  return asked.length === 0 ? undefined : assertKnown(project, new Set(asked.map(({ queue }) => queue)));
}

async function assertKnown(project: Project, asked: ReadonlySet<string>): Promise<void> {
  const { queues } = project.config.values;
  const { handlers } = await project.handlers.loadAll();
  const served = [...handlers.values()].flatMap((handler) => handler.queue ?? []);
  const known = new Set(
    ['default', ...Object.keys(queues), ...served, ...(await knownQueues(project.broker))].filter((each) =>
      sees(project, each),
    ),
  );
  for (const queue of asked) {
    if (known.has(queue)) continue;
    throw new JobQueueError('UNKNOWN_QUEUE', `No queue is named "${queue}"`, {
      hint: didYouMean(queue, known) ?? `Name it in \`queues\` of jobqueue.config.ts. Queues: ${[...known].join(', ')}`,
    });
  }
}

/** @throws JobQueueError QUEUE_FULL */
function assertRoom(project: Project, jobs: readonly NewJob[]): MaybeLate<void> {
  const { queues } = project.config.values;
  const limited = jobs.filter(({ queue }) => queues[queue]?.maxDepth !== undefined);
  return limited.length === 0 ? undefined : assertRoomIn(project, limited);
}

async function assertRoomIn({ broker, config }: Project, jobs: readonly NewJob[]): Promise<void> {
  const limited = new Set(jobs.map(({ queue }) => queue));
  for (const [queue, { waiting, prioritized, delayed }] of await countStates(
    broker,
    [...limited],
    ['waiting', 'prioritized', 'delayed'],
  )) {
    const depth = waiting + prioritized + delayed;
    const more = jobs.filter((job) => job.queue === queue).length;
    const { maxDepth } = config.values.queues[queue]!;
    if (depth + more <= maxDepth!) continue;
    throw new JobQueueError('QUEUE_FULL', `Queue ${queue} is full: ${depth} jobs wait, ${maxDepth} may`, {
      hint: 'Try again later, add workers, or raise its `maxDepth`',
    });
  }
}
