import type { NewJob } from '../broker/new-job.ts';
import type { JobRecord } from '../broker/job-record.ts';
import { findQueues, isQueue, knownQueues } from '../broker/queues.ts';
import { countStates, findQueueOf, readDueTimes, readJobs, readLogs, readState } from '../broker/read-jobs.ts';
import { readRelations } from '../broker/read-relations.ts';
import { JobQueueError } from '../errors.ts';
import { didYouMean } from '../lib/nearest.ts';
import { toTime } from '../lib/time.ts';
import { timeOfUuidV7 } from '../lib/uuid.ts';
import { parseAttempt } from './attempt-history.ts';
import { listAudit } from './audit.ts';
import { sees } from './caller.ts';
import { JOB_STATES, type Job, type JobDetail, type JobState, type JobStatus, statusOf } from './job.ts';
import type { Project } from './project.ts';

/** @throws JobQueueError JOB_NOT_FOUND */
export async function getJob(project: Project, id: string, queue?: string): Promise<Job> {
  return toJob(await findRecord(project, id, queue));
}

/** A job with its failed attempts, log lines, and what is known of its life. @throws JobQueueError JOB_NOT_FOUND */
export async function getJobDetail(project: Project, id: string, queue?: string): Promise<JobDetail> {
  const found = await findRecord(project, id, queue);
  const { record } = found;
  const [logs, relations, lastReplay] = await Promise.all([
    readLogs(project.broker, record.queue, id),
    readRelations(project.broker, record.queue, id),
    findReplay(project, record.batch),
  ]);
  const { by } = record.extras;
  return {
    ...toJob(found),
    failures: record.stacktrace.map(parseAttempt),
    logs,
    ...relations,
    replays: record.replays,
    addedBy: typeof by === 'string' ? by : null,
    firstDueAt: record.delayAtFirstMs > 0 ? date(record.createdAt + record.delayAtFirstMs) : null,
    starts: record.attemptsStarted,
    lastReplay,
  };
}

const AUDIT_LINES = 1000;

/** The id of a replay tells when it was; the audit, while it has it, by whom. */
async function findReplay(project: Project, batch: string | null): Promise<JobDetail['lastReplay']> {
  if (batch === null) return null;
  const entry = (await listAudit(project, AUDIT_LINES)).find(({ id }) => id === batch);
  return { at: date(timeOfUuidV7(batch.replace(/^r_/, ''))), by: entry?.who ?? null };
}

/** @throws JobQueueError JOB_NOT_FOUND */
export async function getJobLogs(project: Project, id: string, queue?: string): Promise<string[]> {
  return readLogs(project.broker, await locateJob(project, id, queue), id);
}

/** The queue that holds a job, among those that the caller sees. @throws JobQueueError JOB_NOT_FOUND */
export async function locateJob(project: Project, id: string, queue?: string): Promise<string> {
  const { broker } = project;
  const among = async (queues: string[]) => {
    const seen = queues.filter((each) => sees(project, each));
    return /^[^:]+(:[^:]+){0,2}$/.test(id) ? findQueueOf(broker, seen, id) : undefined;
  };
  const found =
    queue === undefined
      ? ((await among(await knownQueues(broker))) ?? (await among(await findQueues(broker, { thoroughly: true }))))
      : await among([queue]);
  if (found !== undefined) return found;
  throw new JobQueueError(
    'JOB_NOT_FOUND',
    `There is no job ${JSON.stringify(id)}${queue === undefined ? '' : ` in queue ${queue}`}`,
    {
      hint: 'It may have been removed: completed jobs are kept for the time that `defaults.keepCompleted` says',
    },
  );
}

/** Jobs by status over all queues or in one. @throws JobQueueError UNKNOWN_QUEUE */
export async function countJobs(
  project: Project,
  { queue }: { queue?: string | undefined } = {},
): Promise<Record<JobStatus, number>> {
  const counts = await countStates(project.broker, await queuesOf(project, queue), JOB_STATES);
  const sum: Record<JobStatus, number> = { pending: 0, processing: 0, completed: 0, failed: 0 };
  for (const byState of counts.values()) for (const state of JOB_STATES) sum[statusOf(state)] += byState[state];
  return sum;
}

/** The named queue, or all that the caller sees. @throws JobQueueError UNKNOWN_QUEUE with the nearest name */
export async function queuesOf(project: Project, queue?: string): Promise<string[]> {
  const { broker, config } = project;
  const seen = (names: string[]) => names.filter((each) => sees(project, each));
  if (queue === undefined) return seen(await findQueues(broker));
  const known = new Set(seen(['default', ...Object.keys(config.values.queues), ...(await knownQueues(broker))]));
  if (known.has(queue) || (sees(project, queue) && (await isQueue(broker, queue)))) return [queue];
  throw new JobQueueError('UNKNOWN_QUEUE', `No queue is named "${queue}"`, {
    hint: didYouMean(queue, known) ?? `Queues: ${[...known].join(', ')}`,
  });
}

/** A job that was stored just now, as {@link getJob} would read it, without asking Redis. */
export function jobOf(stored: NewJob): Job {
  const { id, type, queue, payload, priority, attempts, delayMs } = stored;
  const createdAt = new Date(stored.createdAt);
  const state = delayMs > 0 ? 'delayed' : priority > 0 ? 'prioritized' : 'waiting';
  return {
    id,
    type,
    queue,
    payload,
    status: statusOf(state),
    state,
    attempts: 0,
    maxAttempts: attempts,
    priority,
    nextRunAt: delayMs > 0 ? date(stored.createdAt + delayMs) : null,
    createdAt,
    updatedAt: createdAt,
    startedAt: null,
    finishedAt: null,
    progress: 0,
    result: null,
    error: null,
  };
}

export interface Found {
  record: JobRecord;
  state: JobState;
  dueAt?: number | undefined;
}

async function findRecord(project: Project, id: string, queue?: string): Promise<Found> {
  const { broker } = project;
  const place = await locateJob(project, id, queue);
  const [[record], state, dueTimes] = await Promise.all([
    readJobs(broker, place, [id]),
    readState(broker, place, id),
    readDueTimes(broker, place, [id]),
  ]);
  if (!record) throw new JobQueueError('JOB_NOT_FOUND', `There is no job ${JSON.stringify(id)} any more`);
  // Between two states for the blink of a script, or left behind by a program that broke: its times tell most.
  const guess = record.finishedAt === null ? 'waiting' : record.error === null ? 'completed' : 'failed';
  return { record, state: state ?? guess, dueAt: dueTimes.get(id) };
}

// A delay may lead beyond what a Date can be.
const date = (ms: number | null | undefined): Date | null =>
  ms === null || ms === undefined || toTime(ms) === undefined ? null : new Date(ms);

export function toJob({ record, state, dueAt }: Found): Job {
  const { createdAt, processedAt, finishedAt } = record;
  return {
    id: record.id,
    type: record.type,
    queue: record.queue,
    payload: record.payload,
    status: statusOf(state),
    state,
    attempts: record.attemptsMade,
    maxAttempts: record.maxAttempts,
    priority: record.priority,
    nextRunAt: state === 'delayed' ? date(dueAt ?? createdAt + record.delayMs) : null,
    createdAt: new Date(createdAt),
    updatedAt: new Date(Math.max(createdAt, processedAt ?? 0, finishedAt ?? 0)),
    startedAt: date(processedAt),
    finishedAt: date(finishedAt),
    progress: record.progress,
    result: record.result,
    error: record.error,
  };
}
