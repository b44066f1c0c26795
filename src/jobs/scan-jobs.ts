import type { JobRecord } from '../broker/job-record.ts';
import { countStates, listIds, rankOfEnd, readJobs } from '../broker/read-jobs.ts';
import type { Matcher } from './filter/match.ts';
import { queuesOf } from './find-jobs.ts';
import { JobQueueError } from '../errors.ts';
import type { Filter } from './filter/filter.ts';
import type { JobState } from './job.ts';
import type { Project } from './project.ts';

/** Jobs that fit, of one queue and one state, the newest first. */
export interface ScanPage {
  queue: string;
  state: JobState;
  /** Decoded as far as the filter reads. */
  found: JobRecord[];
  /** Where in the order of its state the page begins, and how many jobs it covers. */
  start: number;
  length: number;
  /** To be set by who takes jobs of this page out of their state, so that the next page begins where it should. */
  gone: number;
}

/** A walk over jobs, and how far it has come. */
export interface Scan {
  readonly pages: AsyncGenerator<ScanPage>;
  /** Jobs that have been looked at. */
  scanned: number;
  /** How far it has come through about so many: jobs need not be looked at that cannot fit, or are not wanted. */
  passed: number;
  total: number;
  /** Whether all that could fit have been looked at; known at the end. */
  isComplete: boolean;
  /** Where it ended, when they have not. */
  next?: Place;
}

/** Where a scan begins, or has ended: so many jobs of this state of this queue are passed over, and all that come before it. */
export interface Place {
  queue: string;
  state: JobState;
  start: number;
}

/** How many jobs one look is over unless it is said otherwise: about a second's worth. */
export const SCAN_LIMIT = 100_000;

export interface ScanOptions {
  /** Looks at no more jobs than these. */
  scanLimit: number;
  /** Ends the scan between two pages. */
  signal?: AbortSignal | undefined;
  /** So many jobs of one queue and state are enough. */
  enough?: number | undefined;
  /** Where a former one ended. */
  from?: Place | undefined;
}

/** What there is most of, and matters least, comes last: a scan may end before. */
const ORDER: readonly JobState[] = [
  'active',
  'failed',
  'waiting',
  'prioritized',
  'delayed',
  'waiting-children',
  'completed',
];

/**
 * Looks at jobs page by page, from the newest of each queue and state to the oldest, and yields those that fit. Only
 * what the filter asks about is read. Jobs that come in meanwhile are looked at or not; none is yielded twice.
 * Cost: two round trips a page.
 */
export function scanJobs(project: Project, matcher: Matcher, queues: readonly string[], options: ScanOptions): Scan {
  const scan: Scan = { pages: walk(), scanned: 0, passed: 0, total: 0, isComplete: false };

  async function* walk(): AsyncGenerator<ScanPage> {
    const states = ORDER.filter((state) => matcher.states.includes(state));
    const counts = await countStates(project.broker, queues, states);
    const sources = states.flatMap((state) =>
      queues.map((queue) => ({ queue, state, amount: counts.get(queue)![state] })),
    );
    scan.total = sources.reduce((sum, { amount }) => sum + amount, 0);
    const { from } = options;
    const first = from ? sources.findIndex(({ queue, state }) => queue === from.queue && state === from.state) : 0;
    // Its queue may be gone since.
    if (first === -1) throw new JobQueueError('USAGE', 'The cursor does not fit what is asked for');
    let passed = 0;
    for (const [index, { queue, state, amount }] of sources.entries()) {
      if (index < first) continue;
      const isDone = yield* walkOne(queue, state, index === first ? from?.start : undefined);
      if (!isDone) return;
      // As many as it had at first; some may have come or gone since.
      scan.passed = passed += amount;
    }
    scan.isComplete = true;
  }

  /** @returns whether nothing is left, or enough was found */
  async function* walkOne(queue: string, state: JobState, begin?: number): AsyncGenerator<ScanPage, boolean> {
    const { scanLimit, signal, enough = Infinity } = options;
    const hasEnded = state === 'completed' || state === 'failed';
    let start = begin ?? (hasEnded ? await rankOfEnd(project.broker, queue, state, matcher.until) : 0);
    let before = new Set<string>();
    for (let fitting = 0; fitting < enough;) {
      const size = Math.min(pageSize(matcher, enough - fitting), scanLimit - scan.scanned);
      if (size <= 0 || signal?.aborted) {
        scan.next = { queue, state, start };
        return false;
      }
      const ids = await listIds(project.broker, queue, state, start, size);
      if (ids.length === 0) return true;
      const fresh = ids.filter((id) => !before.has(id));
      const records = await readJobs(project.broker, queue, fresh, matcher.reads);
      const found = records.filter((record) => matcher.fits(record, state));
      scan.scanned += ids.length;
      scan.passed += ids.length;
      fitting += found.length;
      const page: ScanPage = { queue, state, found, start, length: ids.length, gone: 0 };
      yield page;
      before = new Set(ids);
      start += ids.length - page.gone;
      if (hasEnded && (records.at(-1)?.finishedAt ?? Infinity) < matcher.since) return true;
    }
    return true;
  }
  return scan;
}

const PAGE = 1000;
/** Payloads and results may be large. */
const HEAVY_PAGE = 200;

function pageSize({ reads }: Matcher, wanted: number): number {
  if (reads.length === 0) return Math.min(PAGE, wanted);
  return reads.some((field) => field === 'data' || field === 'returnvalue') ? HEAVY_PAGE : PAGE;
}

/** The queues in which jobs may fit. @throws JobQueueError UNKNOWN_QUEUE for a name that no queue has */
export async function queuesFor(project: Project, filter: Filter, matcher: Matcher): Promise<string[]> {
  const queues = await queuesOf(project);
  const named = filter.terms
    .filter(({ field, negated }) => field === 'queue' && !negated)
    .flatMap(({ values }) => values.flatMap((value) => (value.kind === 'text' ? value.text : [])));
  // One that is only configured has no jobs yet, but is known.
  for (const name of named) await queuesOf(project, name);
  return queues.filter((queue) => matcher.admits(queue));
}
