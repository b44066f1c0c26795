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
