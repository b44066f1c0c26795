import type { QueueFigures } from '../broker/figure-window.ts';
import type { Counts } from '../broker/bucket.ts';
import { addFigures, emptyFigures, type Figures } from '../broker/figures.ts';
import { quantile } from '../lib/histogram.ts';
import type { QueueSummary, TypeSummary, WorkerSummary } from './snapshot-types.ts';

/** Rates are those of the last minute. */
export const RATE_MS = 60_000;
const MOST_TYPES = 10;

type Rates = Pick<
  QueueSummary,
  'completedPerSecond' | 'failedPerSecond' | 'deadPerSecond' | 'errorRate' | 'types' | keyof Times
>;
type Times = Pick<QueueSummary, 'p50Ms' | 'p95Ms' | 'waitP50Ms' | 'waitP95Ms' | 'history' | 'failedHistory'>;

/** What the figures of a queue say at a time, with the workers that listen to it. */
export function ratesOf(figures: QueueFigures, listening: readonly WorkerSummary[], at: number): Rates {
  const { buckets, starts } = figures;
  const firstRecent = starts.findIndex((start) => start > at - RATE_MS);
  const recent = buckets.slice(firstRecent);
  const first = starts[firstRecent]!;
  // Since when there could have been any: before the first worker came there was no rate that would count.
  const firstBusy = starts[buckets.findIndex(({ byType }, index) => index >= firstRecent && byType.size > 0)] ?? at;
  const firstWorker = Math.min(...listening.map(({ startedAt }) => startedAt.getTime()));
  const seconds = Math.max(1, (at - Math.max(first, Math.min(firstBusy, firstWorker))) / 1000);
  const isKnown = listening.length > 0 || figures.byType.size > 0;
  const { ok, failed, dead } = addCounts(recent);
  const { times, types } = timesOf(figures);
  return {
    completedPerSecond: isKnown ? ok / seconds : null,
    failedPerSecond: isKnown ? failed / seconds : null,
    deadPerSecond: isKnown ? dead / seconds : null,
    errorRate: partOf(failed, ok),
    ...times,
    types: types.map(({ type, p50Ms, p95Ms }): TypeSummary => {
      const { ok, failed } = addCounts(recent.map(({ byType }) => byType.get(type)));
      return {
        type,
        completedPerSecond: ok / seconds,
        failedPerSecond: failed / seconds,
        errorRate: partOf(failed, ok),
        p50Ms,
        p95Ms,
      };
    }),
  };
}

interface Lasting {
  times: Times;
  types: Pick<TypeSummary, 'type' | 'p50Ms' | 'p95Ms'>[];
  /** Over all types. */
  sum: Figures;
}
// What does not depend on the time, by figures that do not change.
const lasting = new WeakMap<QueueFigures, Lasting>();

function timesOf(figures: QueueFigures): Lasting {
  const known = lasting.get(figures);
  if (known) return known;
  const { buckets, byType } = figures;
  const sum = addUp(byType.values());
  const busiest = [...byType].toSorted(([, a], [, b]) => b.ok + b.failed - a.ok - a.failed).slice(0, MOST_TYPES);
  const made = {
    times: {
      ...runTimes(sum),
      waitP50Ms: quantile(sum.wait, 0.5),
      waitP95Ms: quantile(sum.wait, 0.95),
      history: buckets.map(({ ok }) => ok),
      failedHistory: buckets.map(({ failed }) => failed),
    },
    types: busiest.map(([type, each]) => ({ type, ...runTimes(each) })),
    sum,
  };
  lasting.set(figures, made);
  return made;
}

/** The figures of a queue over all its types. */
export const sumOf = (figures: QueueFigures): Figures => timesOf(figures).sum;

export const runTimes = ({ run }: Figures) => ({ p50Ms: quantile(run, 0.5), p95Ms: quantile(run, 0.95) });

export const partOf = (failed: number, ok: number): number | null =>
  ok + failed === 0 ? null : failed / (ok + failed);

export function addUp(all: Iterable<Figures>): Figures {
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
