import type { Broker } from './broker.ts';
import { runScript } from './script.ts';
import { NOT_OURS, SWEEP_COMPLETED } from './scripts/sweep-completed.ts';

/** Jobs in one call, so that no call holds Redis for long. */
export const SWEEP_BATCH = 100;
/** For so long nobody else sweeps a queue after a call. */
const LEASE_MS = 30_000;

export interface Sweep {
  queue: string;
  /** How many of the oldest to pass over. */
  offset: number;
  /** For jobs that do not say it themselves. */
  keepCompleted: { ageMs: number; count: number };
  /** Who sweeps. */
  worker: string;
}

/** Removes what need not be kept among {@link SWEEP_BATCH} completed jobs; see {@link SWEEP_COMPLETED}. @returns `undefined` when another worker does it */
export async function sweepCompleted(
  { redis, keys, clock }: Broker,
  { queue, offset, keepCompleted, worker }: Sweep,
): Promise<{ seen: number; removed: number } | undefined> {
  const [seen = 0, removed = 0] = (await runScript(redis, SWEEP_COMPLETED, [
    keys.queue(queue, 'completed'),
    keys.sweeper(queue),
    keys.queue(queue, ''),
    keys.once(queue, ''),
    clock.now(),
    offset,
    SWEEP_BATCH,
    Math.ceil(keepCompleted.ageMs / 1000),
    keepCompleted.count,
    worker,
    LEASE_MS,
  ])) as number[];
  return seen === NOT_OURS ? undefined : { seen, removed };
}
