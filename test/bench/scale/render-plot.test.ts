import { load } from 'cheerio';
import { expect, it } from 'vitest';
import { createAxis, ticksOf } from './axis.ts';
import { renderPlot, short } from './render-plot.ts';

const growth = {
  name: 'payload',
  title: 'Size & speed',
  of: 'bytes',
  full: [],
  short: [],
  measure: async () => [],
  figures: [
    { name: 'stored', unit: '/s', panel: 'jobs a second' },
    { name: 'run', unit: '/s', panel: 'jobs a second' },
    { name: 'memory', unit: 'MB', panel: 'memory, MB' },
  ],
};

it('draws a panel for the figures of each panel, and a line with a dot for each value', () => {
  const svg = renderPlot({
    growth,
    amounts: [100, 10_000, 1_000_000],
    values: [
      [50_000, 20_000, 10],
      [9000, 8000, 11],
      [50, 80, 12],
    ],
  });
  const $ = load(svg, { xml: true });
  expect($('svg').attr('aria-label')).toBe('Size & speed');
  expect($('g[transform]')).toHaveLength(2);
  expect($('polyline')).toHaveLength(3);
  expect($('circle')).toHaveLength(9);
  const [first, second] = $('polyline')
    .toArray()
    .map((line) =>
      $(line)
        .attr('points')!
        .split(' ')
        .map((point) => point.split(',').map(Number)),
    );
  // The same way to the right each time, since each amount is a hundred times the one before; ever lower.
  expect(first![1]![0]! - first![0]![0]!).toBeCloseTo(first![2]![0]! - first![1]![0]!, 0);
  expect(first!.map(([, y]) => y)).toEqual(first!.map(([, y]) => y!).toSorted((one, other) => one - other));
  // Lines of one panel share an axis.
  expect(second![0]![1]!).toBeGreaterThan(first![0]![1]!);
  expect(svg).not.toMatch(/NaN|undefined|Infinity/);
});

it.each([
  [[1, 1000], true, [1, 10, 100, 1000]],
  [[3, 250], true, [5, 10, 20, 50, 100, 200]],
  [[30, 97], false, [0, 25, 50, 75, 100]],
  [[0, 0], false, [0, 0.25, 0.5, 0.75, 1].slice(0, 1)],
])('reads %j by round numbers', (values, isLog, ticks) => {
  expect(ticksOf(values, isLog)).toEqual(ticks);
});

it('puts one amount alone somewhere', () => {
  expect(createAxis([5], [10, 90], { isLog: true }).at(5)).toBe(10);
});

it.each([
  [0, '0'],
  [0.25, '0.25'],
  [1500, '1.5k'],
  [1_000_000, '1M'],
])('shortens %d to %s', (value, text) => {
  expect(short(value)).toBe(text);
});
