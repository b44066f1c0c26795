import { promoteJobs } from '../broker/promote-jobs.ts';
import { removeJobs } from '../broker/remove-jobs.ts';
import { replayDead } from '../broker/replay-dead.ts';
import { uuidV7 } from '../lib/uuid.ts';
import { audit } from './audit.ts';
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
}

/** What can be done to many jobs, and to which of them. */
const CHANGES = {
  retry: { among: parseFilter('state:failed') },
  promote: { among: parseFilter('state:delayed') },
  remove: { among: parseFilter('!state:active') },
} as const satisfies Record<string, { among: Filter }>;
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
  const { states } = createMatcher(CHANGES[change].among, project.broker.clock.now());
  const jobs = await Promise.all([...new Set(ids)].map((id) => getJob(project, id, queue)));
  return jobs.filter(({ state }) => states.includes(state));
}

/** How many jobs a change would concern, by queue, and the first few of them. @throws JobQueueError UNKNOWN_QUEUE */
export async function countMatching(
  project: Project,
  change: Change,
  filter: Filter,
  { limit = Infinity, onProgress, ...options }: MatchOptions,
): Promise<{ total: number; byQueue: Record<string, number>; samples: Job[]; stopped: boolean }> {
  const scan = await scanFor(project, joinFilters(filter, CHANGES[change].among), options);
  const byQueue: Record<string, number> = {};
  const samples: Job[] = [];
  let total = 0;
  for await (const { queue, state, found } of scan.pages) {
    const amount = Math.min(found.length, limit - total);
    if (amount > 0) byQueue[queue] = (byQueue[queue] ?? 0) + amount;
    total += amount;
    const ids = found.slice(0, Math.min(amount, SAMPLES - samples.length)).map(({ id }) => id);
    samples.push(...(await readAs(project, queue, state, ids)));
    onProgress?.(total, scan.passed, scan.total);
    if (total >= limit) return { total, byQueue, samples, stopped: false };
  }
  return { total, byQueue, samples, stopped: !scan.isComplete };
}

/**
 * Retries, promotes or removes every job that fits, in batches: each one once, and none that came to its state after it
 * began. Stopped and begun again, it goes on with what is left.
 * @returns how many it did
 */
export async function changeMatching(
  project: Project,
  change: Change,
  filter: Filter,
  { limit = Infinity, onProgress, ...options }: MatchOptions,
): Promise<number> {
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
    }
  };
  const scan = await scanFor(project, joinFilters(filter, CHANGES[change].among, endedBy(broker.clock.now())), options);
  let done = 0;
  for await (const page of scan.pages) {
    for (let start = 0; start < page.found.length && done < limit && !options.signal?.aborted; start += BATCH) {
      const ids = page.found.slice(start, start + Math.min(BATCH, limit - done)).map(({ id }) => id);
      const changed = await act(page, ids);
      page.gone += changed;
      done += changed;
      onProgress?.(done, scan.passed, scan.total);
    }
    if (done >= limit) break;
  }
  await audit(project, { what: change, id: batch, filter: renderFilter(filter), count: done });
  return done;
}

/** Those that have ended since are not meant: what dies again would else be retried again. */
const endedBy = (ms: number): Filter =>
  createFilter([{ field: 'until', path: [], negated: false, values: [{ kind: 'time', ms }] }]);

async function scanFor(project: Project, filter: Filter, options: MatchOptions): Promise<Scan> {
  const matcher = createMatcher(filter, project.broker.clock.now());
  return scanJobs(project, matcher, await queuesFor(project, filter, matcher), options);
}
