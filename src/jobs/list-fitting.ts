import { JobQueueError } from '../errors.ts';
import { createFilter, type Filter, type Term } from './filter/filter.ts';
import { createMatcher } from './filter/match.ts';
import { parseFilter } from './filter/parse.ts';
import { queuesOf } from './find-jobs.ts';
import { JOB_STATES, type JobState } from './job.ts';
import { assertReachable, type JobPage, type JobQuery, type Listed, readListed, timeOf } from './list-jobs.ts';
import { mergeNewest } from './merge-newest.ts';
import type { Project } from './project.ts';
import { type Place, queuesFor, SCAN_LIMIT, scanJobs } from './scan-jobs.ts';

export interface FittingQuery extends JobQuery {
  type?: string | undefined;
  /** More that must hold, as a filter of jobs is written. */
  where?: string | undefined;
  /** Where a former answer ended. */
  cursor?: string | undefined;
}

export interface FittingPage extends JobPage {
  /** Whether all jobs have been looked at; else `total` is about those that were. */
  complete: boolean;
  /** What a request for the others takes along. */
  cursor?: string;
}

/**
 * Jobs that fit a filter, newest first, among the {@link SCAN_LIMIT} that come next: so many are looked at for one answer.
 * @throws JobQueueError UNKNOWN_QUEUE, USAGE for a filter or a cursor that cannot be read, or a page too far down
 */
export async function listFitting(project: Project, query: FittingQuery, signal?: AbortSignal): Promise<FittingPage> {
  const { limit, offset } = query;
  assertReachable(query);
  if (query.queue !== undefined) await queuesOf(project, query.queue);
  const filter = filterOf(query);
  const matcher = createMatcher(filter, project.broker.clock.now());
  const queues = await queuesFor(project, filter, matcher);
  const from = query.cursor === undefined ? undefined : parseCursor(query.cursor);
  const reads = [...matcher.reads, 'finishedOn'] as const;
  const scan = scanJobs(project, { ...matcher, reads }, queues, { scanLimit: SCAN_LIMIT, signal, from });

  const at = timeOf(matcher.states);
  const lists = new Map<string, Listed[]>();
  let total = 0;
  for await (const { queue, state, found } of scan.pages) {
    const key = `${state}:${queue}`;
    const list = lists.get(key) ?? [];
    // Only what may be on the page is kept, however many fit.
    const wanted = found.slice(0, offset + limit - list.length);
    lists.set(key, [...list, ...wanted.map((record) => ({ queue, state, id: record.id, at: at(record) }))]);
    total += found.length;
  }
  const merged = mergeNewest([...lists.values()], (each) => each.at, offset + limit);
  return {
    jobs: await readListed(project, merged.slice(offset)),
    total,
    limit,
    offset,
    complete: scan.isComplete,
    ...(scan.next && { cursor: renderCursor(scan.next) }),
  };
}

function filterOf({ type, queue, state, status, where }: FittingQuery): Filter {
  const terms = Object.entries({ type, queue, state, status }).flatMap(([field, text]): Term[] =>
    text === undefined ? [] : [{ field: field as 'type', path: [], negated: false, values: [{ kind: 'text', text }] }],
  );
  return createFilter([...terms, ...(where === undefined ? [] : parseFilter(where).terms)]);
}

const renderCursor = ({ queue, state, start }: Place): string => `${state}:${queue}:${start}`;

function parseCursor(cursor: string): Place {
  const [state = '', queue = '', start = ''] = cursor.split(':');
  if (JOB_STATES.includes(state as JobState) && /^\d{1,15}$/.test(start)) {
    return { state: state as JobState, queue, start: Number(start) };
  }
  throw new JobQueueError('USAGE', `Expected "cursor" to be one of a former answer, got ${JSON.stringify(cursor)}`);
}
