import { promoteJobs } from '../broker/promote-jobs.ts';
import { removeJobs } from '../broker/remove-jobs.ts';
import { replayDead } from '../broker/replay-dead.ts';
import { uuidV7 } from '../lib/uuid.ts';
import { audit } from './audit.ts';
import { cancelFound, type Refusal } from './cancel-jobs.ts';
import { createFilter, type Filter, joinFilters } from './filter/filter.ts';
import { createMatcher } from './filter/match.ts';
import { parseFilter } from './filter/parse.ts';
import { renderFilter } from './filter/render.ts';
import { getJob } from './find-jobs.ts';
import type { Job } from './job.ts';
import { readAs } from './list-jobs.ts';
import type { Project } from './project.ts';
import { queuesFor, type Scan, scanJobs, type ScanPage } from './scan-jobs.ts';

export interface MatchOptions {
  scanLimit: number;
  /** At most so many. */
  limit?: number | undefined;
  /** Stops between two batches. */
  signal?: AbortSignal | undefined;
  onProgress?: ((done: number, scanned: number, total: number) => void) | undefined;
  /** Told of jobs that fit and stay as they are, and why; not of those that have moved on meanwhile. */
  onRefused?: ((refused: readonly Refusal[]) => void) | undefined;
}

/** What can be done to many jobs, and among which of them, one after another. */
const CHANGES = {
  retry: [parseFilter('state:failed')],
  promote: [parseFilter('state:delayed')],
  remove: [parseFilter('!state:active')],
  // What waits goes first: it would start when what runs has ended.
  cancel: [parseFilter('state:waiting,prioritized,delayed'), parseFilter('state:active')],
} as const satisfies Record<string, readonly Filter[]>;
export type Change = keyof typeof CHANGES;

const SAMPLES = 5;
/** Jobs in one call, so that no call holds Redis for long. */
const BATCH = 200;

/** Those of some jobs that a change can be done to. @throws JobQueueError JOB_NOT_FOUND */
export async function choosable(
  project: Project,
  change: Change,
  ids: readonly string[],
  queue?: string,
): Promise<Job[]> {
  const now = project.broker.clock.now();
  const states = CHANGES[change].flatMap((among) => createMatcher(among, now).states);
  const jobs = await Promise.all([...new Set(ids)].map((id) => getJob(project, id, queue)));
  return jobs.filter(({ state }) => states.includes(state));
}

/** How many jobs a change would concern, by queue, and the first few of them. @throws JobQueueError UNKNOWN_QUEUE */
export async function countMatching(
  project: Project,
  change: Change,
  filter: Filter,
  options: MatchOptions,
): Promise<{ total: number; byQueue: Record<string, number>; samples: Job[]; stopped: boolean }> {
  const { limit = Infinity, onProgress } = options;
  const walk = createWalk(project, change, filter, options);
  const byQueue: Record<string, number> = {};
  const samples: Job[] = [];
  let total = 0;
  for await (const { queue, state, found } of walk.pages) {
    const amount = Math.min(found.length, limit - total);
    if (amount > 0) byQueue[queue] = (byQueue[queue] ?? 0) + amount;
    total += amount;
    const ids = found.slice(0, Math.min(amount, SAMPLES - samples.length)).map(({ id }) => id);
    samples.push(...(await readAs(project, queue, state, ids)));
    onProgress?.(total, ...walk.progress());
    if (total >= limit) return { total, byQueue, samples, stopped: false };
  }
  return { total, byQueue, samples, stopped: !walk.isComplete() };
}

/**
 * Retries, promotes, removes or cancels every job that fits, in batches: each one once, and none that came to its state
 * after it began. Stopped and begun again, it goes on with what is left.
 * @returns how many it did
 */
export async function changeMatching(
  project: Project,
  change: Change,
  filter: Filter,
  options: MatchOptions,
): Promise<number> {
  const { limit = Infinity, onProgress, onRefused } = options;
  const { broker } = project;
  const batch = `r_${uuidV7()}`;
  const act = async (page: ScanPage, ids: readonly string[]): Promise<number> => {
    switch (change) {
      case 'retry':
        return replayDead(broker, page.queue, ids, batch);
      case 'promote':
        return promoteJobs(broker, page.queue, ids);
      case 'remove':
        return removeJobs(broker, { ...page, ids });
      case 'cancel': {
        const { cancelled, refused } = await cancelFound(project, { ...page, ids });
        onRefused?.(refused);
        return cancelled;
      }
    }
  };
  const walk = createWalk(project, change, joinFilters(filter, endedBy(broker.clock.now())), options);
  let done = 0;
  for await (const page of walk.pages) {
    for (let start = 0; start < page.found.length && done < limit && !options.signal?.aborted; start += BATCH) {
      const ids = page.found.slice(start, start + Math.min(BATCH, limit - done)).map(({ id }) => id);
      const changed = await act(page, ids);
      page.gone += changed;
      done += changed;
      onProgress?.(done, ...walk.progress());
    }
    if (done >= limit) break;
  }
  await audit(project, { what: change, id: batch, filter: renderFilter(filter), count: done });
  return done;
}

/** Those that have ended since are not meant: what dies again would else be retried again. */
const endedBy = (ms: number): Filter =>
  createFilter([{ field: 'until', path: [], negated: false, values: [{ kind: 'time', ms }] }]);

/** The scans of a change, one after another. */
interface Walk {
  pages: AsyncGenerator<ScanPage>;
  /** How far it has come, of about how much; see {@link Scan}. */
  progress(): [passed: number, total: number];
  isComplete(): boolean;
}

function createWalk(project: Project, change: Change, filter: Filter, { scanLimit, signal }: MatchOptions): Walk {
  const scans: Scan[] = [];
  const sum = (pick: (scan: Scan) => number): number => scans.reduce((total, scan) => total + pick(scan), 0);
  async function* walk(): AsyncGenerator<ScanPage> {
    for (const among of CHANGES[change]) {
      const joined = joinFilters(filter, among);
      const matcher = createMatcher(joined, project.broker.clock.now());
      const queues = await queuesFor(project, joined, matcher);
      const scan = scanJobs(project, matcher, queues, {
        scanLimit: scanLimit - sum(({ scanned }) => scanned),
        signal,
      });
      scans.push(scan);
      yield* scan.pages;
    }
  }
  return {
    pages: walk(),
    progress: () => [sum(({ passed }) => passed), sum(({ total }) => total)],
    isComplete: () => scans.length === CHANGES[change].length && scans.every(({ isComplete }) => isComplete),
  };
}
