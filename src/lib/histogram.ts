/**
 * Counts by bin of a logarithmic scale: four bins to each doubling, so a value read back is at most a tenth off. The place
 * in the list is the bin: thousands of them are added up with every look at all queues.
 */
export type Histogram = number[];

const BINS_PER_DOUBLING = 4;
/** Enough for some thousand years. */
export const BINS = 200;
const LAST_BIN = BINS - 1;

/** The bin of a number of milliseconds; 0 is everything below one. */
export const binOf = (ms: number): number =>
  ms < 1 ? 0 : Math.min(LAST_BIN, Math.floor(Math.log2(ms) * BINS_PER_DOUBLING) + 1);

export const isBin = (bin: number): boolean => Number.isInteger(bin) && bin >= 0 && bin <= LAST_BIN;

/** The middle of a bin, in milliseconds. */
export const middleOf = (bin: number): number => (bin === 0 ? 0.5 : 2 ** ((bin - 0.5) / BINS_PER_DOUBLING));

export function addTo(histogram: Histogram, bin: number, amount = 1): void {
  while (histogram.length <= bin) histogram.push(0);
  histogram[bin]! += amount;
}

/** Adds a histogram to another one, which is changed. */
export function addAll(into: Histogram, from: Histogram): void {
  while (into.length < from.length) into.push(0);
  for (let bin = 0; bin < from.length; bin += 1) into[bin]! += from[bin]!;
}

/** The value below which `part` (0 to 1) of what was counted lies, in milliseconds; null when nothing was. */
export function quantile(histogram: Histogram, part: number): number | null {
  let total = 0;
  for (const amount of histogram) total += amount;
  let seen = 0;
  for (let bin = 0; bin < histogram.length; bin += 1) {
    seen += histogram[bin]!;
    if (histogram[bin]! > 0 && seen >= part * total) return middleOf(bin);
  }
  return null;
}

/** One of the bars of a histogram: what was counted from one bound up to the other, in milliseconds. */
export interface Bar {
  fromMs: number;
  toMs: number;
  amount: number;
}

/** A histogram as bars, as fine as `most` of them allow, from the first that is not empty to the last. */
export function barsOf(histogram: Histogram, most: number): Bar[] {
  const first = histogram.findIndex((amount) => amount > 0);
  const last = histogram.findLastIndex((amount) => amount > 0);
  if (first === -1) return [];
  // The bin of everything below one stays alone: it has no lower bound on this scale.
  let step = 1;
  const barOf = (bin: number): number => (bin === 0 ? -1 : Math.floor((bin - 1) / step));
  while (barOf(last) - barOf(first) >= most) step *= 2;
  const boundOf = (bar: number): number => (bar < 0 ? 0 : 2 ** ((bar * step) / BINS_PER_DOUBLING));
  const bars = Array.from({ length: barOf(last) - barOf(first) + 1 }, (_, index): Bar => {
    const bar = barOf(first) + index;
    return { fromMs: boundOf(bar), toMs: boundOf(bar + 1), amount: 0 };
  });
  for (let bin = first; bin <= last; bin += 1) bars[barOf(bin) - barOf(first)]!.amount += histogram[bin]!;
  return bars;
}
