import type { QueueFigures } from '../broker/figure-window.ts';
import type { Counts } from '../broker/bucket.ts';
import { addFigures, emptyFigures, type Figures } from '../broker/figures.ts';
import { quantile } from '../lib/histogram.ts';
import type { QueueSummary, TypeSummary } from './snapshot-types.ts';

/** Rates are those of the last minute. */
export const RATE_MS = 60_000;
const MOST_TYPES = 10;

type Rates = Pick<
  QueueSummary,
  | 'completedPerSecond'
  | 'failedPerSecond'
  | 'deadPerSecond'
  | 'errorRate'
  | 'p50Ms'
  | 'p95Ms'
  | 'waitP50Ms'
  | 'waitP95Ms'
  | 'history'
  | 'failedHistory'
  | 'types'
>;

/**
 * What the figures of a queue say, by the time they were read: what is read every few seconds is not less in between.
 * @param since when the first of the workers that listen to it came; Infinity when none does
 */
export function ratesOf(figures: QueueFigures, since: number): Rates {
  const known = made.get(figures);
  if (known?.since === since) return known.rates;
  const rates = makeRates(figures, since);
  made.set(figures, { since, rates });
  return rates;
}
const made = new WeakMap<QueueFigures, { since: number; rates: Rates }>();

function makeRates({ buckets, starts, at, byType, all }: QueueFigures, since: number): Rates {
  const firstRecent = starts.findIndex((start) => start > at - RATE_MS);
  const recent = buckets.slice(firstRecent);
  // Since when there could have been any: before the first worker came there was no rate that would count.
  const busy = recent.findIndex((bucket) => bucket.byType.size > 0);
  const firstBusy = busy === -1 ? at : starts[firstRecent + busy]!;
  const seconds = Math.max(1, (at - Math.max(starts[firstRecent]!, Math.min(firstBusy, since))) / 1000);
  const isKnown = since < Infinity || byType.size > 0;
  const { ok, failed, dead } = addCounts(recent);
  const busiest = [...byType].toSorted(([, a], [, b]) => b.ok + b.failed - a.ok - a.failed).slice(0, MOST_TYPES);
  return {
    completedPerSecond: isKnown ? ok / seconds : null,
    failedPerSecond: isKnown ? failed / seconds : null,
    deadPerSecond: isKnown ? dead / seconds : null,
    errorRate: partOf(failed, ok),
    ...runTimes(all),
    waitP50Ms: quantile(all.wait, 0.5),
    waitP95Ms: quantile(all.wait, 0.95),
    history: buckets.map(({ ok }) => ok),
    failedHistory: buckets.map(({ failed }) => failed),
    types: busiest.map(([type, figures]): TypeSummary => {
      const { ok, failed } = addCounts(recent.map((bucket) => bucket.byType.get(type)));
      return {
        type,
        completedPerSecond: ok / seconds,
        failedPerSecond: failed / seconds,
        errorRate: partOf(failed, ok),
        ...runTimes(figures),
      };
    }),
  };
}

export const runTimes = ({ run }: Pick<Figures, 'run'>) => ({ p50Ms: quantile(run, 0.5), p95Ms: quantile(run, 0.95) });

export const partOf = (failed: number, ok: number): number | null =>
  ok + failed === 0 ? null : failed / (ok + failed);

export function addUp(all: Iterable<Readonly<Figures>>): Figures {
  const sum = emptyFigures();
  for (const each of all) addFigures(sum, each);
  return sum;
}

function addCounts(all: readonly (Counts | undefined)[]): Counts {
  const sum = { ok: 0, failed: 0, dead: 0 };
  for (const each of all) {
    if (!each) continue;
    sum.ok += each.ok;
    sum.failed += each.failed;
    sum.dead += each.dead;
  }
  return sum;
}
