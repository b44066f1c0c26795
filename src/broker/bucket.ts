import { addTo, BINS, type Histogram, isBin } from '../lib/histogram.ts';
import { emptyFigures, type Figures, figuresOf } from './figures.ts';

export type Counts = Pick<Figures, 'ok' | 'failed' | 'dead'>;

/** One bucket of a queue. Thousands are kept, so its histograms are one list of numbers. */
export interface Bucket extends Counts {
  byType: ReadonlyMap<string, Counts>;
  /** Two numbers for each bin: its place in the bins of all histograms, and the amount. Of each type there are two, run and wait. */
  bins: Int32Array;
  /** Null where nobody left one. */
  mark: Mark | null;
}

/** How it stood with a queue at one moment. */
export interface Mark {
  /** Epoch ms. */
  at: number;
  /** Jobs that were ever added to it. */
  added: number;
  waiting: number;
}

const EMPTY: Bucket = { ok: 0, failed: 0, dead: 0, byType: new Map(), bins: new Int32Array(), mark: null };

/** A bucket as `scripts/read-buckets.ts` gives it. Thousands of fields are read in a second: little is made on the way. */
export function decodeBucket(text: string): Bucket {
  if (text === '') return EMPTY;
  const byType = new Map<string, Counts & { place: number }>();
  const mark = { at: NaN, added: 0, waiting: 0 };
  const all = { ok: 0, failed: 0, dead: 0 };
  const bins: number[] = [];
  const countsOf = (type: string) => {
    let counts = byType.get(type);
    if (!counts) byType.set(type, (counts = { ok: 0, failed: 0, dead: 0, place: byType.size }));
    return counts;
  };
  for (let from = 0, next: number; from < text.length; from = next + 1) {
    const end = text.indexOf('\0', from);
    next = text.indexOf('\0', end + 1);
    if (next === -1) next = text.length;
    const amount = Number(text.slice(end + 1, next));
    const colon = text.indexOf(':', from);
    const kind = text.slice(from, colon === -1 || colon > end ? end : colon);
    if (kind === 'run' || kind === 'wait') {
      const second = text.indexOf(':', colon + 1);
      const bin = Number(text.slice(colon + 1, second));
      if (!isBin(bin)) continue;
      // A type may hold anything, also a colon.
      const histogram = 2 * countsOf(text.slice(second + 1, end)).place + (kind === 'wait' ? 1 : 0);
      bins.push(histogram * BINS + bin, amount);
    } else if (kind === 'ok' || kind === 'failed' || kind === 'dead') {
      countsOf(text.slice(colon + 1, end))[kind] += amount;
      all[kind] += amount;
    } else if (kind === 'at' || kind === 'added' || kind === 'waiting') mark[kind] = amount;
  }
  return { ...all, byType, bins: new Int32Array(bins), mark: Number.isNaN(mark.at) ? null : mark };
}

/** What buckets come to. */
export interface Sums {
  byType: Map<string, Figures>;
  /** Over all types. */
  all: Figures;
}

export const emptySums = (): Sums => ({ byType: new Map(), all: emptyFigures() });

/** Adds a bucket to sums, which are changed, or takes one away that was added before. */
export function addBucket(into: Sums, { byType, bins, ...counts }: Bucket, sign: 1 | -1 = 1): void {
  const histograms: Histogram[] = [];
  addCounts(into.all, counts, sign);
  for (const [type, each] of byType) {
    const sum = figuresOf(into.byType, type);
    addCounts(sum, each, sign);
    histograms.push(sum.run, sum.wait);
  }
  for (let index = 0; index < bins.length; index += 2) {
    const bin = bins[index]! % BINS;
    const histogram = (bins[index]! - bin) / BINS;
    const amount = sign * bins[index + 1]!;
    addTo(histograms[histogram]!, bin, amount);
    addTo(histogram % 2 === 1 ? into.all.wait : into.all.run, bin, amount);
  }
  if (sign === 1) return;
  for (const type of byType.keys()) if (isNothing(into.byType.get(type)!)) into.byType.delete(type);
}

function addCounts(into: Counts, { ok, failed, dead }: Counts, sign: 1 | -1): void {
  into.ok += sign * ok;
  into.failed += sign * failed;
  into.dead += sign * dead;
}

const isNothing = ({ ok, failed, dead, run, wait }: Figures): boolean =>
  ok + failed + dead === 0 && [...run, ...wait].every((amount) => amount === 0);
