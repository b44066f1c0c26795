import { DEAD_BATCH, type DeadLetter, findDead, removeDead, replayDead, scanDead } from '../broker/dead-letters.ts';
import { monotonicMs, sleep } from '../lib/clock.ts';
import { uuidV7 } from '../lib/uuid.ts';
import { audit, type AuditedChange } from './audit.ts';
import { getJob, listJobs, locateJob, queuesOf } from './find-jobs.ts';
import type { Job } from './job.ts';
import type { Project } from './project.ts';

/** Which dead letters are meant: those that fit every field. */
export interface DeadLetterFilter {
  ids?: readonly string[] | undefined;
  queue?: string | undefined;
  type?: string | undefined;
  /** Part of the error's message, in any case. */
  error?: string | undefined;
  /** Died at or after, at or before: epoch milliseconds. */
  since?: number | undefined;
  until?: number | undefined;
}

export interface BulkOptions {
  /** At most so many, the oldest first. */
  limit?: number | undefined;
  ratePerSecond?: number | undefined;
  /** Stops between two batches. */
  signal?: AbortSignal | undefined;
  onProgress?: ((done: number) => void) | undefined;
}

const SAMPLES = 5;

/** Dead letters, newest first. @throws JobQueueError UNKNOWN_QUEUE, JOB_NOT_FOUND */
export async function listDeadLetters(
  project: Project,
  filter: DeadLetterFilter,
  { limit, offset = 0 }: { limit: number; offset?: number },
): Promise<{ jobs: Job[]; total: number }> {
  // Without a filter the newest are read straight from Redis' order; a filter has to look at every one.
  if (Object.entries(filter).every(([name, value]) => name === 'queue' || value === undefined)) {
    const page = await listJobs(project, { state: 'failed', queue: filter.queue, limit, offset });
    return { jobs: page.jobs, total: page.total };
  }
  let matching: DeadLetter[] = [];
  let total = 0;
  for await (const page of matchingPages(project, filter, project.broker.clock.now())) {
    total += page.length;
    matching = [...matching, ...page].toSorted((a, b) => b.diedAt - a.diedAt).slice(0, offset + limit);
  }
  return { jobs: await readLetters(project, matching.slice(offset)), total };
}

/** How many dead letters fit, by queue, and the first few of them. */
export async function countDeadLetters(
  project: Project,
  filter: DeadLetterFilter,
): Promise<{ total: number; byQueue: Record<string, number>; samples: Job[] }> {
  const byQueue: Record<string, number> = {};
  const samples: DeadLetter[] = [];
  let total = 0;
  for await (const page of matchingPages(project, filter, project.broker.clock.now())) {
    total += page.length;
    for (const letter of page) byQueue[letter.queue] = (byQueue[letter.queue] ?? 0) + 1;
    samples.push(...page.slice(0, SAMPLES - samples.length));
  }
  return { total, byQueue, samples: await readLetters(project, samples) };
}

/**
 * Puts dead letters back to wait: attempts fresh, priority kept, each one once. Bounded to what was dead when it began,
 * so that a job which dies again is not taken twice; stopped and begun again it goes on with what is left.
 */
export async function replayDeadLetters(
  project: Project,
  filter: DeadLetterFilter,
  options: BulkOptions = {},
): Promise<{ replayed: number; batch: string }> {
  const batch = `r_${uuidV7()}`;
  const replayed = await inBatches(project, { what: 'replay', id: batch, filter }, options, (queue, ids) =>
    replayDead(project.broker, queue, ids, batch),
  );
  return { replayed, batch };
}

/** Deletes dead letters for good. */
export async function removeDeadLetters(
  project: Project,
  filter: DeadLetterFilter,
  options: BulkOptions = {},
): Promise<{ removed: number }> {
  const removed = await inBatches(project, { what: 'remove', filter }, options, (queue, ids) =>
    removeDead(project.broker, queue, ids),
  );
  return { removed };
}

/** Does something to all that fit, and leaves a line in the audit, also when it breaks in the middle. */
async function inBatches(
  project: Project,
  change: Omit<AuditedChange, 'count'> & { filter: DeadLetterFilter },
  { limit = Infinity, ratePerSecond, signal, onProgress }: BulkOptions,
  act: (queue: string, ids: string[]) => Promise<number>,
): Promise<number> {
  const began = monotonicMs();
  const batchSize =
    ratePerSecond === undefined ? DEAD_BATCH : Math.min(DEAD_BATCH, Math.max(1, Math.floor(ratePerSecond / 10)));
  let done = 0;
  try {
    for await (const page of matchingPages(project, change.filter, project.broker.clock.now())) {
      for (let start = 0; start < page.length && done < limit; start += batchSize) {
        if (signal?.aborted) return done;
        const letters = page.slice(start, start + Math.min(batchSize, limit - done));
        done += await act(
          letters[0]!.queue,
          letters.map(({ id }) => id),
        );
        onProgress?.(done);
        if (ratePerSecond !== undefined)
          await sleep(Math.max(0, (done / ratePerSecond) * 1000 - (monotonicMs() - began)), signal);
      }
      if (done >= limit) break;
    }
    return done;
  } finally {
    await audit(project, { ...change, count: done });
  }
}

/** Pages of one queue each, oldest first. @throws JobQueueError UNKNOWN_QUEUE, JOB_NOT_FOUND for an id that is nowhere */
export async function* matchingPages(
  project: Project,
  filter: DeadLetterFilter,
  startedAt: number,
): AsyncGenerator<DeadLetter[]> {
  const since = filter.since ?? 0;
  const until = Math.min(filter.until ?? startedAt, startedAt);
  const fits = ({ type, error, diedAt }: DeadLetter): boolean =>
    (filter.type === undefined || type === filter.type) &&
    (filter.error === undefined || error.toLowerCase().includes(filter.error.toLowerCase())) &&
    diedAt >= since &&
    diedAt <= until;
  for await (const page of filter.ids === undefined
    ? everyPage(project, filter.queue, since, until)
    : pagesOfIds(project, filter.ids, filter.queue)) {
    const matching = page.filter(fits);
    if (matching.length > 0) yield matching;
  }
}

async function* everyPage(
  project: Project,
  queue: string | undefined,
  since: number,
  until: number,
): AsyncGenerator<DeadLetter[]> {
  for (const each of await queuesOf(project, queue)) yield* scanDead(project.broker, each, since, until);
}

async function* pagesOfIds(
  project: Project,
  ids: readonly string[],
  queue: string | undefined,
): AsyncGenerator<DeadLetter[]> {
  const byQueue = new Map<string, string[]>();
  // All are looked for before the first one is touched: an id that is nowhere stops the whole.
  for (const id of new Set(ids)) {
    const place = await locateJob(project, id, queue);
    byQueue.set(place, [...(byQueue.get(place) ?? []), id]);
  }
  for (const [place, each] of byQueue) yield findDead(project.broker, place, each);
}

const readLetters = async (project: Project, letters: readonly DeadLetter[]): Promise<Job[]> =>
  Promise.all(letters.map(({ id, queue }) => getJob(project, id, queue)));
