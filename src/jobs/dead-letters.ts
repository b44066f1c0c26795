import { type DeadLetter, removeDead } from '../broker/dead-letters.ts';
import { JobQueueError } from '../errors.ts';
import { audit } from './audit.ts';
import { type BulkOptions, inBatches } from './bulk-dead-letters.ts';
import { getJob } from './find-jobs.ts';
import type { Job } from './job.ts';
import { listJobs } from './list-jobs.ts';
import type { Project } from './project.ts';
import { type DeadLetterFilter, matchingPages } from './select-dead-letters.ts';

export type { BulkOptions } from './bulk-dead-letters.ts';
export { replayDeadLetters } from './replay-dead-letters.ts';
export type { DeadLetterFilter } from './select-dead-letters.ts';

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
  for await (const page of matchingPages(project, filter)) {
    total += page.length;
    matching.push(...page);
    // Only what may be on the page is kept, however many match.
    if (matching.length > 2 * (offset + limit)) matching = newest(matching, offset + limit);
  }
  return { jobs: await readLetters(project, newest(matching, offset + limit).slice(offset)), total };
}

const newest = (letters: readonly DeadLetter[], most: number): DeadLetter[] =>
  letters.toSorted((a, b) => b.diedAt - a.diedAt).slice(0, most);

/** How many dead letters fit, by queue, and the first few of them. `onPage` sees all of them. */
export async function countDeadLetters(
  project: Project,
  filter: DeadLetterFilter,
  onPage?: (letters: DeadLetter[]) => Promise<void>,
): Promise<{ total: number; byQueue: Record<string, number>; samples: Job[] }> {
  const byQueue: Record<string, number> = {};
  const samples: DeadLetter[] = [];
  let total = 0;
  for await (const page of matchingPages(project, filter)) {
    total += page.length;
    for (const letter of page) byQueue[letter.queue] = (byQueue[letter.queue] ?? 0) + 1;
    samples.push(...page.slice(0, SAMPLES - samples.length));
    await onPage?.(page);
  }
  return { total, byQueue, samples: await readLetters(project, samples) };
}

/** Deletes dead letters for good. */
export async function removeDeadLetters(
  project: Project,
  filter: DeadLetterFilter,
  options: BulkOptions = {},
): Promise<{ removed: number }> {
  let removed = 0;
  try {
    await inBatches(project, filter, options, async (queue, letters) => {
      const count = await removeDead(project.broker, queue, letters);
      removed += count;
      return count;
    });
  } finally {
    await audit(project, { what: 'remove', filter, count: removed });
  }
  return { removed };
}

/** One that is gone by now, or an id that never had a job, is left out. */
const readLetters = async (project: Project, letters: readonly DeadLetter[]): Promise<Job[]> =>
  (
    await Promise.all(
      letters.map(async ({ id, queue }) => {
        try {
          return [await getJob(project, id, queue)];
        } catch (error) {
          if (error instanceof JobQueueError && error.code === 'JOB_NOT_FOUND') return [];
          throw error;
        }
      }),
    )
  ).flat();
