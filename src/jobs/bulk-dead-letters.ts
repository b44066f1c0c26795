import { DEAD_BATCH, type DeadLetter } from '../broker/dead-letters.ts';
import { monotonicMs, sleep } from '../lib/clock.ts';
import type { Project } from './project.ts';
import { type DeadLetterFilter, matchingPages } from './select-dead-letters.ts';

export interface BulkOptions {
  /** At most so many, the oldest first. */
  limit?: number | undefined;
  ratePerSecond?: number | undefined;
  /** Stops between two batches. */
  signal?: AbortSignal | undefined;
  onProgress?: ((done: number) => void) | undefined;
}

/**
 * Does something to all dead letters that fit, batch by batch, each batch of one queue.
 * @param act returns how many it did
 */
export async function inBatches(
  project: Project,
  filter: DeadLetterFilter,
  { limit = Infinity, ratePerSecond, signal, onProgress }: BulkOptions,
  act: (queue: string, letters: DeadLetter[]) => Promise<number>,
  largest = DEAD_BATCH,
): Promise<number> {
  const began = monotonicMs();
  const batchSize =
    ratePerSecond === undefined ? largest : Math.min(largest, Math.max(1, Math.floor(ratePerSecond / 10)));
  let done = 0;
  for await (const page of matchingPages(project, filter)) {
    for (let start = 0; start < page.length && done < limit; start += batchSize) {
      if (signal?.aborted) return done;
      const letters = page.slice(start, start + Math.min(batchSize, limit - done));
      done += await act(letters[0]!.queue, letters);
      onProgress?.(done);
      if (ratePerSecond !== undefined)
        await sleep(Math.max(0, (done / ratePerSecond) * 1000 - (monotonicMs() - began)), signal);
    }
    if (done >= limit) break;
  }
  return done;
}
