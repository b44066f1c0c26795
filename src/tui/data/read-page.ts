import { JobQueueError } from '../../errors.ts';
import { listDeadLetters } from '../../jobs/dead-letters.ts';
import { parseFilter } from '../../jobs/filter/parse.ts';
import { watchConnections } from '../../jobs/connections.ts';
import { getJobDetail } from '../../jobs/find-jobs.ts';
import { withHolds } from '../../jobs/holds.ts';
import { type Hour, watchHour } from '../../jobs/hour-of-types.ts';
import type { Job, JobDetail } from '../../jobs/job.ts';
import { latestJobs } from '../../jobs/latest-jobs.ts';
import { limitedFor } from '../../jobs/limit-queue.ts';
import type { Project } from '../../jobs/project.ts';
import { readRedisFacts } from '../../jobs/redis-facts.ts';
import { findNewest, groupRecent } from '../../jobs/recent-groups.ts';
import { listSchedules } from '../../jobs/schedules.ts';
import { searchJobs } from '../../jobs/search-jobs.ts';
import { type EventWatch, watchEvents, type WatchedEvent } from '../../jobs/watch-events.ts';
import { windowJobs } from '../../jobs/window-jobs.ts';
import { now } from '../../lib/clock.ts';
import { amount as amountOf } from '../cells.ts';
import { keyOf, type PlaceOf } from '../places.ts';
import { relativesOf } from '../screens/flow.ts';
import { naturalOrder } from '../screens/job-columns.ts';
import { countIn } from '../screens/jobs.ts';
import { letterFilterOf } from './letter-filter.ts';
import type { Page, PageRequest } from './page.ts';
import { filterOfJobs } from './place-filter.ts';

/** Reads what a place shows. @throws JobQueueError when Redis is away */
export type ReadPage = (request: PageRequest, signal: AbortSignal) => Promise<Page>;

/** Rows that are read when they have to be looked for, or put in another order than Redis': all that can be moved over. */
const MOST_ROWS = 500;
/** Jobs that are looked at for them, unless all are wanted. */
const LOOKED_AT = 20_000;
const MOST_EVENTS = 2000;

export function createReader(project: Project): ReadPage {
  let watched: { key: string; watch: EventWatch; events: WatchedEvent[] } | undefined;

  const connections = watchConnections(project);

  // By queue; kept until something else is read: whoever comes back from one type to all of them need not wait.
  const hours = new Map<string, () => Promise<Hour>>();

  async function events(place: PlaceOf<'events'>): Promise<Page> {
    const key = keyOf(place);
    if (watched?.key !== key) watched = { key, watch: watchEvents(project, place.queue), events: [] };
    const fresh = await watched.watch.look();
    watched.events = [...watched.events, ...fresh].slice(-MOST_EVENTS);
    return whole(watched.events);
  }

  async function hour({ queue }: { queue?: string }): Promise<Page> {
    const key = queue ?? '';
    let look = hours.get(key);
    if (!look) hours.set(key, (look = watchHour(project, queue)));
    const found = await look();
    return { ...whole(found.types), hour: found };
  }

  return (request, signal) => {
    const { place } = request;
    if (place.screen !== 'types' && place.screen !== 'type') hours.clear();
    switch (place.screen) {
      case 'jobs':
        return jobs(project, place, request, signal);
      case 'groups':
        return groups(project, place, request.wide);
      case 'letters':
        return letters(project, place, request);
      case 'job':
        // Whoever typed the id did not say in which queue it is.
        return getJobDetail(project, place.id, place.queue || undefined).then((job) => ({ ...whole([]), job }));
      case 'flow':
        return getJobDetail(project, place.id, place.queue || undefined).then(flow);
      case 'schedules':
        return listSchedules(project).then(({ schedules, total }) => firstRows(schedules, total));
      case 'connections':
        return connections().then(({ connections: found, total }) => firstRows(found, total));
      case 'redis':
        return readRedisFacts(project).then((redis) => ({ ...whole([]), redis }));
      case 'types':
      case 'type':
        return hour(place);
      case 'events':
        return events(place);
      default:
        return Promise.resolve(whole([]));
    }
  };
}

const whole = (rows: readonly unknown[], total: number | null = rows.length): Page => ({
  rows,
  start: 0,
  count: rows.length,
  total,
  whole: true,
  at: now(),
});

/** Rows of which there may be more. */
const firstRows = (rows: readonly unknown[], total: number): Page => ({
  ...whole(rows, total),
  ...(total > rows.length ? { note: firstOf(rows, total) } : {}),
});

function flow(job: JobDetail): Page {
  const more = job.childCount - job.children.length;
  const page = { ...whole(relativesOf(job)), job };
  return more > 0 ? { ...page, note: `${amountOf(more)} children are not shown` } : page;
}

async function jobs(
  project: Project,
  place: PlaceOf<'jobs'>,
  request: PageRequest,
  signal: AbortSignal,
): Promise<Page> {
  const isFiltered = request.filter.trim() !== '';
  const [page, limitedMs] = await Promise.all([
    isFiltered ? findJobs(project, place, request, signal) : listJobs(project, place, request),
    place.queue === undefined ? 0 : limitedFor(project, place.queue),
  ]);
  const rows = page.rows as readonly Job[];
  const held = await withHolds(
    project,
    rows.filter(({ state }) => state === 'active'),
  );
  return { ...page, limitedMs, rows: rows.map((job) => (job.state === 'active' ? held.shift()! : job)) };
}

async function listJobs(
  project: Project,
  { queue, state }: PlaceOf<'jobs'>,
  { sort, start, amount }: PageRequest,
): Promise<Page> {
  const natural = naturalOrder(state, sort);
  const window = natural ? { start, amount } : { start: 0, amount: MOST_ROWS };
  const order = natural ?? naturalOrder(state)!;
  const { jobs, total, reach, counts, ...found } =
    state === 'all'
      ? await latestJobs(project, { queue, ...window })
      : await windowJobs(project, { queue, state, order, ...window });
  if (!natural) return { ...firstRows(jobs, total), counts };
  return {
    rows: jobs,
    start: found.start,
    // A job that went while it was read leaves a hole at the end.
    count: jobs.length < Math.min(amount, reach - found.start) ? found.start + jobs.length : reach,
    total,
    whole: false,
    counts,
    ...(reach < total
      ? {
          note: `${amountOf(reach)} of ${amountOf(total)}: open a ${state === 'all' ? 'state' : 'queue'}, or filter, for the others`,
        }
      : {}),
    at: now(),
  };
}

async function findJobs(
  project: Project,
  place: PlaceOf<'jobs'>,
  { filter, wide }: PageRequest,
  signal: AbortSignal,
): Promise<Page> {
  const [{ counts }, found] = await Promise.all([
    latestJobs(project, { queue: place.queue, start: 0, amount: 0 }),
    searchJobs(project, parseFilter(filterOfJobs(place, filter)), {
      limit: MOST_ROWS,
      offset: 0,
      scanLimit: wide ? Infinity : LOOKED_AT,
      signal,
    }),
  ]);
  const notes = [
    ...(found.stopped
      ? [`looked at ${amountOf(found.scanned)} of ${amountOf(countIn(counts, place.state))}: w looks at all`]
      : []),
    ...(found.jobs.length === MOST_ROWS ? [`the first ${amountOf(MOST_ROWS)}`] : []),
  ];
  return { ...whole(found.jobs, found.total), counts, ...(notes.length > 0 ? { note: notes.join(', ') } : {}) };
}

async function groups(project: Project, place: PlaceOf<'groups'>, wide: boolean): Promise<Page> {
  const found = await groupRecent(project, { ...place, whole: wide });
  const note =
    found.since === null
      ? undefined
      : `groups of the newest ${amountOf(found.total)} of ${amountOf(found.dead)}: w looks at all`;
  return { ...whole(found.groups, found.dead), ...(note === undefined ? {} : { note }) };
}

async function letters(project: Project, place: PlaceOf<'letters'>, { filter, wide }: PageRequest): Promise<Page> {
  const chosen = letterFilterOf(place, filter);
  const { since } = wide ? { since: null } : await findNewest(project, place.queue);
  const from = Math.max(since ?? 0, chosen.since ?? 0);
  const { jobs, total } = await listDeadLetters(project, { ...chosen, since: from }, { limit: MOST_ROWS });
  const notes = [
    ...(since === null ? [] : ['of the newest dead letters: w looks at all']),
    ...(total > jobs.length ? [firstOf(jobs, total)] : []),
  ];
  return { ...whole(jobs, total), ...(notes.length > 0 ? { note: notes.join(', ') } : {}) };
}

const firstOf = (rows: readonly unknown[], total: number): string =>
  `the first ${amountOf(rows.length)} of ${amountOf(total)}`;

/** Whether a page could not be read because Redis is away: whoever asks for the snapshot tells so. */
export const isAway = (error: unknown): boolean => error instanceof JobQueueError && error.exitCode === 4;
