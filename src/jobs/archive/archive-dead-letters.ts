import { copyDead, type DeadLetterCopy } from '../../broker/dead-letter-copies.ts';
import { DEAD_BATCH, type DeadLetter, removeDead } from '../../broker/dead-letters.ts';
import { audit } from '../audit.ts';
import type { BulkOptions } from '../bulk-dead-letters.ts';
import type { Project } from '../project.ts';
import { type DeadLetterFilter, matchingPages } from '../select-dead-letters.ts';
import { openArchive } from './archive-file.ts';
import { parseLine, renderLine } from './archive-line.ts';

/** So many letters, at least, are written and synced at once. */
const BATCH = 500;

type Place = { queue: string; id: string; score: string };

/**
 * Moves dead letters to the end of a file: each batch is written, synced, and only then removed, exactly what was written.
 * Whatever ends it, each letter is in the file or in Redis; one that a former run left in both is removed first, and
 * is not written again.
 * @throws JobQueueError UNKNOWN_QUEUE, JOB_NOT_FOUND, USAGE, FAILED
 */
export async function archiveDeadLetters(
  project: Project,
  filter: DeadLetterFilter,
  file: string,
  { limit = Infinity, signal, onProgress }: Pick<BulkOptions, 'limit' | 'signal' | 'onProgress'> = {},
): Promise<{ archived: number; recovered: number }> {
  const archive = await openArchive(file);
  let archived = 0;
  try {
    const left = archive.unsettled.map(parseLine).filter((copy) => typeof copy === 'object');
    const recovered = await removeAll(project, left);
    await archive.settle();
    for await (const letters of batchesOf(matchingPages(project, filter), limit)) {
      if (signal?.aborted) break;
      const copies = await copyAll(project, letters);
      await archive.append(copies.map(renderLine));
      archived += await removeAll(project, copies);
      await archive.settle();
      onProgress?.(archived);
    }
    return { archived, recovered };
  } finally {
    await archive.close();
    await audit(project, { what: 'archive', filter, file, count: archived });
  }
}

/** Pages put together, so that the disk is waited for less often. */
async function* batchesOf(pages: AsyncIterable<DeadLetter[]>, limit: number): AsyncGenerator<DeadLetter[]> {
  let batch: DeadLetter[] = [];
  let taken = 0;
  for await (const page of pages) {
    batch.push(...page.slice(0, limit - taken));
    taken += page.length;
    if (batch.length < BATCH && taken < limit) continue;
    yield batch;
    batch = [];
    if (taken >= limit) return;
  }
  if (batch.length > 0) yield batch;
}

async function copyAll({ broker }: Project, letters: readonly DeadLetter[]): Promise<DeadLetterCopy[]> {
  const copies: DeadLetterCopy[] = [];
  for (const [queue, each] of Map.groupBy(letters, ({ queue }) => queue)) {
    copies.push(...(await copyDead(broker, queue, each)));
  }
  return copies;
}

async function removeAll({ broker }: Project, places: readonly Place[]): Promise<number> {
  let removed = 0;
  for (const [queue, letters] of Map.groupBy(places, ({ queue }) => queue)) {
    for (let start = 0; start < letters.length; start += DEAD_BATCH) {
      removed += await removeDead(broker, queue, letters.slice(start, start + DEAD_BATCH));
    }
  }
  return removed;
}
