const BARS = '▁▂▃▄▅▆▇█';

/** Numbers as a row of bars in at most `width` columns, scaled to the highest; neighbours are averaged when there are more. */
export function sparkline(values: readonly number[], width: number): string {
  const columns = Math.min(width, values.length);
  const means = Array.from({ length: columns }, (_, column) => {
    const slice = values.slice(
      Math.floor((column * values.length) / columns),
      Math.floor(((column + 1) * values.length) / columns),
    );
    return slice.reduce((sum, value) => sum + value, 0) / slice.length;
  });
  const highest = Math.max(...means);
  // However little, something is not nothing.
  const height = (mean: number) => (mean > 0 ? Math.max(1, Math.round((mean / highest) * (BARS.length - 1))) : 0);
  return means.map((mean) => BARS[height(mean)]).join('');
}
