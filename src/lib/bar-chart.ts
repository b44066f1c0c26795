const EIGHTHS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** Numbers as bars of `width` columns each, `height` rows high, the highest row first; the largest number is as high as the chart. */
export function barChart(values: readonly number[], { height, width }: { height: number; width: number }): string[] {
  const largest = Math.max(...values, 0);
  const eighths = values.map((value) => (largest === 0 ? 0 : Math.ceil((value / largest) * height * 8)));
  return Array.from({ length: height }, (_, row) => {
    const below = (height - 1 - row) * 8;
    return eighths.map((each) => EIGHTHS[Math.min(8, Math.max(0, each - below))]!.repeat(width)).join('');
  });
}
