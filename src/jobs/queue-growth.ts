import type { Bucket } from '../broker/figures.ts';
import type { QueueSummary } from './snapshot-types.ts';
import { RATE_MS } from './queue-rates.ts';

/** How many jobs a queue had ever been given by a time (epoch ms). */
interface Mark {
  count: number;
  at: number;
}

/** Tells how fast jobs come in, from what workers wrote down and from what was seen itself. */
export interface Arrivals {
  /** Jobs a second since the oldest mark of the last minute; null without one. */
  perSecond(queue: string, buckets: readonly Bucket[], now: Mark): number | null;
}

/** A rate over less says nothing. */
const LEAST_MS = 900;
/** One mark in so long is kept. */
const STEP_MS = 5000;

export function createArrivals(): Arrivals {
  const seen = new Map<string, Mark[]>();
  return {
    perSecond(queue, buckets, now) {
      const isRecent = ({ at }: Mark): boolean => at > now.at - RATE_MS;
      const own = (seen.get(queue) ?? []).filter(isRecent);
      const oldest = [...buckets.flatMap(({ added }) => added ?? []).filter(isRecent), ...own].toSorted(
        (a, b) => a.at - b.at,
      )[0];
      if (now.at - (own.at(-1)?.at ?? 0) >= STEP_MS) own.push(now);
      seen.set(queue, own);
      // The counter begins anew when somebody deletes the queue.
      if (!oldest || now.at - oldest.at < LEAST_MS || now.count < oldest.count) return null;
      return (now.count - oldest.count) / ((now.at - oldest.at) / 1000);
    },
  };
}

/** What leaves a queue for good, against what comes in. */
export function growthOf(
  waiting: number,
  {
    addedPerSecond: added,
    completedPerSecond: completed,
    deadPerSecond: dead,
  }: Pick<QueueSummary, 'addedPerSecond' | 'completedPerSecond' | 'deadPerSecond'>,
): Pick<QueueSummary, 'drainMs' | 'growthPerSecond'> {
  const growth = added === null || completed === null || dead === null ? null : added - completed - dead;
  const drainMs = waiting === 0 ? 0 : growth !== null && growth < 0 ? (waiting / -growth) * 1000 : null;
  return { drainMs, growthPerSecond: growth };
}
