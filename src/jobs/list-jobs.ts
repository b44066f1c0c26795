import type { JobRecord } from '../broker/job-record.ts';
import { countStates, listIds, readDueTimes, readJobs } from '../broker/read-jobs.ts';
import { JobQueueError } from '../errors.ts';
import { queuesOf, toJob } from './find-jobs.ts';
import { type Job, JOB_STATES, type JobState, type JobStatus, STATUS_STATES } from './job.ts';
import type { Project } from './project.ts';

export interface JobQuery {
  status?: JobStatus | undefined;
  state?: JobState | undefined;
  queue?: string | undefined;
  limit: number;
  offset: number;
}

export interface JobPage {
  jobs: Job[];
  /** How many there are in all. */
  total: number;
  limit: number;
  offset: number;
}

/** Each page is found anew from the first job on, so that pages far down cost memory and time. */
const FARTHEST = 10_000;
/** @throws JobQueueError USAGE for a page too far down */
export function assertReachable({ limit, offset }: Pick<JobQuery, 'limit' | 'offset'>): void {
  if (offset + limit <= FARTHEST) return;
  throw new JobQueueError('USAGE', `Expected offset + limit to be at most ${FARTHEST}, got ${offset + limit}`, {
    hint: 'Narrow the list: by status, queue or type, or with a filter',
  });
}

/** One job of a list, and the time that the list is in order by. */
export interface Listed {
  queue: string;
  state: JobState;
  id: string;
  at: number;
}

/** The finished ones come by their end, as Redis has them in order; all others by their beginning. */
export const timeOf = (states: readonly JobState[]): ((record: JobRecord) => number) =>
  states.every((state) => state === 'completed' || state === 'failed')
    ? ({ finishedAt }) => finishedAt ?? 0
    : ({ createdAt }) => createdAt;

/** Jobs in one state, one status, or all, newest first. @throws JobQueueError UNKNOWN_QUEUE, USAGE for a page too far down */
export async function listJobs(project: Project, query: JobQuery): Promise<JobPage> {
  const { limit, offset } = query;
  assertReachable(query);
  const queues = await queuesOf(project, query.queue);
  const states = query.state ? [query.state] : query.status ? STATUS_STATES[query.status] : JOB_STATES;
  const counts = await countStates(project.broker, queues, states);
  const sources = queues.flatMap((queue) =>
    states.map((state) => ({ queue, state, amount: counts.get(queue)![state] })),
  );
  const chosen = await newestOf(project, sources, timeOf(states), offset + limit);
  return {
    jobs: await readListed(project, chosen.slice(offset)),
    total: sources.reduce((sum, { amount }) => sum + amount, 0),
    limit,
    offset,
  };
}

/** Jobs of one queue and state that are read ahead, of which most are not on the page. */
const STEP = 200;

/**
 * The first jobs of all queues and states in one order, the newest first as far as the order within each allows: that is
 * Redis', and were it changed, a job could stand on two pages or on none.
 */
async function newestOf(
  { broker }: Project,
  places: readonly { queue: string; state: JobState; amount: number }[],
  timeOfRecord: (record: JobRecord) => number,
  wanted: number,
): Promise<Listed[]> {
  const step = Math.min(STEP, wanted);
  const sources = places.map((place) => ({ ...place, read: 0, ahead: [] as Listed[], before: new Set<string>() }));
  async function readAhead(source: (typeof sources)[number]): Promise<void> {
    const { queue, state, before } = source;
    const ids = await listIds(broker, queue, state, source.read, step);
    // New ones have moved some on, which were read already.
    const fresh = ids.filter((id) => !before.has(id));
    const records = await readJobs(broker, queue, fresh, ['finishedOn']);
    source.read += step;
    source.before = new Set(ids);
    // The next one of them stands last.
    source.ahead = records.map((record) => ({ queue, state, id: record.id, at: timeOfRecord(record) })).toReversed();
  }
  const merged: Listed[] = [];
  while (merged.length < wanted) {
    const empty = sources.filter(({ ahead, read, amount }) => ahead.length === 0 && read < amount);
    if (empty.length > 0) {
      await Promise.all(empty.map(readAhead));
      continue;
    }
    const rest = sources.filter(({ ahead }) => ahead.length > 0);
    if (rest.length === 0) break;
    const newest = rest.reduce((best, each) => (each.ahead.at(-1)!.at > best.ahead.at(-1)!.at ? each : best));
    merged.push(newest.ahead.pop()!);
  }
  return merged;
}

/** Whole jobs, in the order of the list; those that are gone by now are left out. */
export async function readListed(project: Project, listed: readonly Listed[]): Promise<Job[]> {
  const groups = await Promise.all(
    [...Map.groupBy(listed, ({ queue, state }) => `${state}:${queue}`).values()].map((group) =>
      readAs(
        project,
        group[0]!.queue,
        group[0]!.state,
        group.map(({ id }) => id),
      ),
    ),
  );
  const jobs = new Map(groups.flat().map((job) => [`${job.state}:${job.queue}:${job.id}`, job]));
  return listed.flatMap(({ queue, state, id }) => jobs.get(`${state}:${queue}:${id}`) ?? []);
}

/** Whole jobs, in order, as they are listed under a state. */
export async function readAs(
  { broker }: Project,
  queue: string,
  state: JobState,
  ids: readonly string[],
): Promise<Job[]> {
  const [records, dueTimes] = await Promise.all([
    readJobs(broker, queue, ids),
    state === 'delayed' ? readDueTimes(broker, queue, ids) : new Map<string, number>(),
  ]);
  return records.map((record) => toJob({ record, state, dueAt: dueTimes.get(record.id) }));
}
