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
): Promise<number> {
  const began = monotonicMs();
  const isGentle = limit !== Infinity || ratePerSecond !== undefined;
  const batchSize =
    ratePerSecond === undefined ? DEAD_BATCH : Math.min(DEAD_BATCH, Math.max(1, Math.floor(ratePerSecond / 10)));
  let done = 0;
  let running: Promise<number> | undefined;
  const finish = async (acting: Promise<number>): Promise<number> => {
    const total = done + (await acting);
    onProgress?.(total);
    return total;
  };
  for await (const page of matchingPages(project, filter)) {
    for (let start = 0; start < page.length && done < limit; start += batchSize) {
      if (signal?.aborted) break;
      const letters = page.slice(start, start + Math.min(batchSize, limit - done));
      const acting = act(letters[0]!.queue, letters);
      // Redis always has the next batch at hand, unless the end of this one says how large it may be, and when.
      acting.catch(() => {});
      if (running) done = await finish(running);
      running = isGentle ? undefined : acting;
      if (isGentle) done = await finish(acting);
      if (ratePerSecond !== undefined)
        await sleep(Math.max(0, (done / ratePerSecond) * 1000 - (monotonicMs() - began)), signal);
    }
    if (signal?.aborted || done >= limit) break;
  }
  if (running) done = await finish(running);
  return done;
}
