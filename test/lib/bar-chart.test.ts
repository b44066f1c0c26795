import { expect, test } from 'vitest';
import { barChart } from '../../src/lib/bar-chart.ts';

test('the largest number is as high as the chart, nothing is empty, and little is more than nothing', () => {
  expect(barChart([0, 1, 50, 100], { height: 2, width: 2 })).toEqual(['      ██', '  ▁▁████']);
});

test('of nothing it is empty', () => expect(barChart([0, 0], { height: 2, width: 1 })).toEqual(['  ', '  ']));
