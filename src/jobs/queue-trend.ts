import type { Bucket, Mark } from '../broker/bucket.ts';
import { RATE_MS } from './queue-rates.ts';
import type { QueueSummary } from './snapshot-types.ts';

export type Trend = Pick<QueueSummary, 'addedPerSecond' | 'growthPerSecond' | 'drainMs'>;

/** Tells where queues are going, from the marks that workers left in the last minute and from what was seen before. */
export interface Trends {
  of(queue: string, buckets: readonly Bucket[], now: Mark): Trend;
}

/** A rate over less says nothing. */
const LEAST_MS = 900;
/** One mark in so long is kept. */
const STEP_MS = 5000;

export function createTrends(): Trends {
  const seen = new Map<string, Mark[]>();
  return {
    of(queue, buckets, now) {
      const isRecent = ({ at }: Mark): boolean => at > now.at - RATE_MS;
      let own = seen.get(queue);
      if (!own) seen.set(queue, (own = []));
      while (own[0] && !isRecent(own[0])) own.shift();
      let oldest = own[0];
      for (const { mark } of buckets) if (mark && isRecent(mark) && !(oldest && oldest.at <= mark.at)) oldest = mark;
      if (now.at - (own.at(-1)?.at ?? 0) >= STEP_MS) own.push(now);
      const unknown = { addedPerSecond: null, growthPerSecond: null, drainMs: now.waiting === 0 ? 0 : null };
      if (!oldest || now.at - oldest.at < LEAST_MS) return unknown;
      const perSecond = (difference: number): number => difference / ((now.at - oldest.at) / 1000);
      const growth = perSecond(now.waiting - oldest.waiting);
      return {
        // The counter begins anew when somebody deletes the queue.
        addedPerSecond: now.added < oldest.added ? null : perSecond(now.added - oldest.added),
        growthPerSecond: growth,
        drainMs: now.waiting === 0 ? 0 : growth < 0 ? (now.waiting / -growth) * 1000 : null,
      };
    },
  };
}
