import { countStates } from '../broker/read-jobs.ts';
import type { Filter } from './filter/filter.ts';
import { createMatcher, type Matcher } from './filter/match.ts';
import type { Job } from './job.ts';
import { assertReachable, readAs } from './list-jobs.ts';
import { mergeNewest } from './merge-newest.ts';
import type { Project } from './project.ts';
import { queuesFor, scanJobs } from './scan-jobs.ts';

export interface SearchOptions {
  limit: number;
  offset: number;
  /** Looks at no more jobs than these. */
  scanLimit: number;
  signal?: AbortSignal | undefined;
  onProgress?: ((scanned: number, total: number) => void) | undefined;
}

export interface FoundPage {
  jobs: Job[];
  /** How many fit in all; null when not all have been looked at. */
  total: number | null;
  limit: number;
  offset: number;
  /** Jobs that have been looked at. */
  scanned: number;
  /** The scan limit was reached before the page was full: there may be others that fit, newer ones among them. */
  stopped: boolean;
}

const beginOf = (job: Job): number => job.createdAt.getTime();
const endOf = (job: Job): number => job.finishedAt?.getTime() ?? 0;

/** Fields that say where a job is: no job need be read to judge them. */
const PLACES: readonly string[] = ['queue', 'state', 'status'];

/**
 * Jobs that fit a filter, newest first: the finished ones by their end, all others by their beginning. It looks no
 * further than the page needs, and at no more jobs than `scanLimit`.
 * @throws JobQueueError UNKNOWN_QUEUE, USAGE for a page too far down
 */
export async function searchJobs(project: Project, filter: Filter, options: SearchOptions): Promise<FoundPage> {
  const { limit, offset, scanLimit, signal, onProgress } = options;
  const end = offset + limit;
  assertReachable(options);
  const matcher = createMatcher(filter, project.broker.clock.now());
  const queues = await queuesFor(project, filter, matcher);
  const scan = scanJobs(project, matcher, queues, { scanLimit, signal, enough: end });

  const lists = new Map<string, Job[]>();
  let isCut = false;
  for await (const { queue, state, found } of scan.pages) {
    const key = `${state}:${queue}`;
    const list = lists.get(key) ?? [];
    const wanted = found.slice(0, end - list.length).map(({ id }) => id);
    isCut ||= list.length + found.length >= end;
    lists.set(key, [...list, ...(await readAs(project, queue, state, wanted))]);
    onProgress?.(scan.passed, scan.total);
  }
  signal?.throwIfAborted();
  const hasEnded = matcher.states.every((state) => state === 'completed' || state === 'failed');
  const found = [...lists.values()];
  return {
    jobs: mergeNewest(found, hasEnded ? endOf : beginOf, end).slice(offset),
    total: await totalOf(project, filter, matcher, queues, scan.isComplete && !isCut ? found.flat().length : null),
    limit,
    offset,
    scanned: scan.scanned,
    stopped: !scan.isComplete,
  };
}

async function totalOf(
  { broker }: Project,
  { terms }: Filter,
  { states }: Matcher,
  queues: readonly string[],
  found: number | null,
): Promise<number | null> {
  if (!terms.every(({ field }) => PLACES.includes(field))) return found;
  const counts = await countStates(broker, queues, states);
  return [...counts.values()].flatMap((byState) => states.map((state) => byState[state])).reduce((a, b) => a + b, 0);
}
