import { JOB_FIELDS } from '../broker/job-record.ts';
import { listTimes } from '../broker/list-times.ts';
import { countStates, listIds, readDueTimes, readJobs } from '../broker/read-jobs.ts';
import { queuesOf, toJob } from './find-jobs.ts';
import { type Job, JOB_STATES, type JobState } from './job.ts';
import type { Project } from './project.ts';

export interface JobWindow {
  jobs: Job[];
  /** How many jobs stand before the first of these. */
  start: number;
  /** How many there are in this state, and how many of them a window can be moved over. */
  total: number;
  reach: number;
  counts: Record<JobState, number>;
}

interface Place {
  queue?: string | undefined;
  state: JobState;
  order: 'newest' | 'oldest';
  start: number;
  amount: number;
}

/** Rows need nothing that may be large. */
const FIELDS = JOB_FIELDS.filter((field) => !['data', 'returnvalue', 'stacktrace'].includes(field));
/** Of several queues each has to be looked into for every row before the window. */
export const WINDOW_REACH = 1000;

/**
 * Some of the jobs of one state, without payload and result: what is visible of a list, however long that is. Of one
 * queue anywhere in the list; of several, merged by time, among the first ones only.
 * @throws JobQueueError UNKNOWN_QUEUE
 */
export async function windowJobs(project: Project, { queue, state, order, start, amount }: Place): Promise<JobWindow> {
  const queues = await queuesOf(project, queue);
  const { all, counts } = await countByState(project, queues);
  const sources = queues.filter((name) => all.get(name)![state] > 0);
  const total = counts[state];
  const reach = sources.length > 1 ? Math.min(total, WINDOW_REACH) : total;
  const first = Math.max(0, Math.min(start, reach - amount));
  const last = Math.min(first + amount, reach);
  const chosen =
    sources.length === 1
      ? await idsOf(project, sources[0]!, { state, order, first, last, total })
      : await mergedIds(project, sources, { state, order, first, last });
  const jobs = await readRows(
    project,
    chosen.map((each) => ({ ...each, state })),
  );
  return { jobs, start: first, total, reach, counts };
}

/** How many jobs each queue has in each state, and all of them together. */
export async function countByState({ broker }: Project, queues: readonly string[]) {
  const all = await countStates(broker, queues, JOB_STATES);
  const counts = Object.fromEntries(
    JOB_STATES.map((each) => [each, queues.reduce((sum, name) => sum + all.get(name)![each], 0)]),
  ) as Record<JobState, number>;
  return { all, counts };
}

interface Range {
  state: JobState;
  order: 'newest' | 'oldest';
  first: number;
  last: number;
}
interface Id {
  queue: string;
  id: string;
}

async function idsOf(
  { broker }: Project,
  queue: string,
  { state, order, first, last, total }: Range & { total: number },
): Promise<Id[]> {
  const offset = order === 'newest' ? first : total - last;
  const ids = await listIds(broker, queue, state, Math.max(0, offset), last - first);
  return (order === 'newest' ? ids : ids.toReversed()).map((id) => ({ queue, id }));
}

async function mergedIds(
  { broker }: Project,
  queues: readonly string[],
  { state, order, first, last }: Range,
): Promise<Id[]> {
  const times = await listTimes(broker, queues, state, { amount: last, order });
  const sign = order === 'newest' ? -1 : 1;
  return times.toSorted((a, b) => sign * (a.at - b.at)).slice(first, last);
}

/** In the order of the ids; those that are gone by now are left out. */
export async function readRows(
  { broker }: Project,
  chosen: readonly { queue: string; state: JobState; id: string }[],
): Promise<Job[]> {
  const groups = await Promise.all(
    [...Map.groupBy(chosen, ({ queue, state }) => `${state}:${queue}`).values()].map(async (found) => {
      const { queue, state } = found[0]!;
      const ids = found.map(({ id }) => id);
      const [records, dueTimes] = await Promise.all([
        readJobs(broker, queue, ids, FIELDS),
        state === 'delayed' ? readDueTimes(broker, queue, ids) : new Map<string, number>(),
      ]);
      return records.map((record) => toJob({ record, state, dueAt: dueTimes.get(record.id) }));
    }),
  );
  const jobs = new Map(groups.flat().map((job) => [`${job.queue} ${job.id}`, job]));
  return chosen.flatMap(({ queue, id }) => jobs.get(`${queue} ${id}`) ?? []);
}
