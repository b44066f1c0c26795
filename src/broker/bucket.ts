import { addTo, isBin } from '../lib/histogram.ts';
import type { Broker } from './broker.ts';
import { type Figures, figuresOf } from './figures.ts';
import { READ_BUCKET } from './scripts/read-bucket.ts';

export type Counts = Pick<Figures, 'ok' | 'failed' | 'dead'>;

/** One bucket of a queue. Thousands are kept, so its histograms are one list of numbers. */
export interface Bucket extends Counts {
  byType: ReadonlyMap<string, Counts>;
  /** Four numbers for each bin: the place of its type in `byType`, 1 for wait and 0 for run, the bin, the amount. */
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

/** Commands that read buckets: one for each, after one that makes the script known. */
export const readBuckets = ({ keys }: Pick<Broker, 'keys'>, places: readonly { queue: string; start: number }[]) => [
  ['SCRIPT', 'LOAD', READ_BUCKET.source],
  ...places.map(({ queue, start }) => ['EVALSHA', READ_BUCKET.sha1, READ_BUCKET.keyCount, keys.bucket(queue, start)]),
];

/** A bucket as {@link READ_BUCKET} gives it. Hundreds are read in a second: little is made on the way. */
export function decodeBucket(text: string): Bucket {
  const byType = new Map<string, Counts & { place: number }>();
  const mark = { at: NaN, added: 0, waiting: 0 };
  const all = { ok: 0, failed: 0, dead: 0 };
  const bins: number[] = [];
  const countsOf = (type: string) => {
    let counts = byType.get(type);
    if (!counts) byType.set(type, (counts = { ok: 0, failed: 0, dead: 0, place: byType.size }));
    return counts;
  };
  const flat = text === '' ? [] : text.split('\0');
  for (let index = 0; index < flat.length; index += 2) {
    const [field, amount] = [flat[index]!, Number(flat[index + 1])];
    const colon = field.indexOf(':');
    const kind = colon === -1 ? field : field.slice(0, colon);
    if (kind === 'at' || kind === 'added' || kind === 'waiting') mark[kind] = amount;
    else if (kind === 'run' || kind === 'wait') {
      const next = field.indexOf(':', colon + 1);
      const bin = Number(field.slice(colon + 1, next));
      // A type may hold anything, also a colon.
      if (isBin(bin)) bins.push(countsOf(field.slice(next + 1)).place, kind === 'wait' ? 1 : 0, bin, amount);
    } else if (kind === 'ok' || kind === 'failed' || kind === 'dead') {
      countsOf(field.slice(colon + 1))[kind] += amount;
      all[kind] += amount;
    }
  }
  return { ...all, byType, bins: Int32Array.from(bins), mark: Number.isNaN(mark.at) ? null : mark };
}

/** Adds a bucket to figures, which are changed. */
export function addBucket(into: Map<string, Figures>, { byType, bins }: Bucket): void {
  const sums: Figures[] = [];
  for (const [type, { ok, failed, dead }] of byType) {
    const sum = figuresOf(into, type);
    sum.ok += ok;
    sum.failed += failed;
    sum.dead += dead;
    sums.push(sum);
  }
  for (let index = 0; index < bins.length; index += 4) {
    const { run, wait } = sums[bins[index]!]!;
    addTo(bins[index + 1] === 1 ? wait : run, bins[index + 2]!, bins[index + 3]);
  }
}
