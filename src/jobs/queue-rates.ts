import type { QueueFigures } from '../broker/figure-window.ts';
import { type Bucket, emptyFigures, type Figures } from '../broker/figures.ts';
import { addTo, quantile } from '../lib/histogram.ts';
import type { QueueSummary, TypeSummary, WorkerSummary } from './snapshot-types.ts';

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

/** What the figures of a queue say, with the workers that listen to it. */
export function ratesOf(
  { buckets, starts, sum }: QueueFigures,
  listening: readonly WorkerSummary[],
  at: number,
): Rates & { sum: Figures } {
  const all = addUp(sum.values());
  const recent = buckets.filter((_bucket, index) => starts[index]! > at - RATE_MS);
  const first = starts[buckets.length - recent.length]!;
  // Since when there could have been any: before the first worker came there was no rate that would count.
  const firstBusy = starts[buckets.findIndex((bucket, index) => starts[index]! >= first && isBusy(bucket))] ?? at;
  const firstWorker = Math.min(...listening.map(({ startedAt }) => startedAt.getTime()));
  const seconds = Math.max(1, (at - Math.max(first, Math.min(firstBusy, firstWorker))) / 1000);
  const isKnown = listening.length > 0 || sum.size > 0;
  const { ok, failed, dead } = addUp(
    recent.flatMap(({ byType }) => [...byType.values()]),
    'counts',
  );
  return {
    completedPerSecond: isKnown ? ok / seconds : null,
    failedPerSecond: isKnown ? failed / seconds : null,
    deadPerSecond: isKnown ? dead / seconds : null,
    errorRate: partOf(failed, ok),
    ...timesOf(all),
    waitP50Ms: quantile(all.wait, 0.5),
    waitP95Ms: quantile(all.wait, 0.95),
    history: buckets.map((bucket) => count(bucket, 'ok')),
    failedHistory: buckets.map((bucket) => count(bucket, 'failed')),
    types: describeTypes(sum, recent, seconds),
    sum: all,
  };
}

function describeTypes(sum: ReadonlyMap<string, Figures>, recent: readonly Bucket[], seconds: number): TypeSummary[] {
  const busiest = [...sum].toSorted(([, a], [, b]) => b.ok + b.failed - a.ok - a.failed).slice(0, MOST_TYPES);
  return busiest.map(([type, figures]) => {
    const { ok, failed } = addUp(
      recent.flatMap(({ byType }) => byType.get(type) ?? []),
      'counts',
    );
    return {
      type,
      completedPerSecond: ok / seconds,
      failedPerSecond: failed / seconds,
      errorRate: partOf(failed, ok),
      ...timesOf(figures),
    };
  });
}

export const timesOf = ({ run }: Figures) => ({ p50Ms: quantile(run, 0.5), p95Ms: quantile(run, 0.95) });

export const partOf = (failed: number, ok: number): number | null =>
  ok + failed === 0 ? null : failed / (ok + failed);

/** @param what the counts alone are sooner added */
export function addUp(all: Iterable<Figures>, what: 'all' | 'counts' = 'all'): Figures {
  const sum = emptyFigures();
  for (const { ok, failed, dead, run, wait } of all) {
    sum.ok += ok;
    sum.failed += failed;
    sum.dead += dead;
    if (what === 'counts') continue;
    for (const [bin, amount] of run) addTo(sum.run, bin, amount);
    for (const [bin, amount] of wait) addTo(sum.wait, bin, amount);
  }
  return sum;
}

function count({ byType }: Bucket, what: 'ok' | 'failed'): number {
  let sum = 0;
  for (const figures of byType.values()) sum += figures[what];
  return sum;
}

const isBusy = (bucket: Bucket): boolean => bucket.byType.size > 0;
