/** Counts by bin of a logarithmic scale: four bins to each doubling, so a value read back is at most a tenth off. */
export type Histogram = Map<number, number>;

const BINS_PER_DOUBLING = 4;

/** The bin of a number of milliseconds; 0 is everything below one. */
export const binOf = (ms: number): number => (ms < 1 ? 0 : Math.floor(Math.log2(ms) * BINS_PER_DOUBLING) + 1);

/** The middle of a bin, in milliseconds. */
export const middleOf = (bin: number): number => (bin === 0 ? 0.5 : 2 ** ((bin - 0.5) / BINS_PER_DOUBLING));

export function addTo(histogram: Histogram, bin: number, amount = 1): void {
  histogram.set(bin, (histogram.get(bin) ?? 0) + amount);
}

/** The value below which `part` (0 to 1) of what was counted lies, in milliseconds; null when nothing was. */
export function quantile(histogram: Histogram, part: number): number | null {
  const total = [...histogram.values()].reduce((sum, amount) => sum + amount, 0);
  if (total === 0) return null;
  let seen = 0;
  for (const bin of [...histogram.keys()].toSorted((a, b) => a - b)) {
    seen += histogram.get(bin)!;
    if (seen >= part * total) return middleOf(bin);
  }
  return null;
}
