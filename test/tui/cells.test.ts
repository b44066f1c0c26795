import { describe, expect, test } from 'vitest';
import { age, amount, flagged, known, rate, span } from '../../src/tui/cells.ts';
import { sparkline } from '../../src/lib/sparkline.ts';

describe('a count in a narrow column', () => {
  test.each([
    [0, 5, '0'],
    [9999, 5, '9,999'],
    [12_345, 5, '12.3k'],
    [12_345, 6, '12,345'],
    [999_999, 5, '999k'],
    [1_200_000, 5, '1.2M'],
    [3_400_000_000, 5, '3.4G'],
  ])('%d in %d columns is %s', (value, width, text) => expect(amount(value, width)).toBe(text));
});

describe('a number per second', () => {
  test.each([
    [0, '0'],
    [0.016, '0.02'],
    [4.13, '4.1'],
    [212.4, '212'],
    [12_345, '12,345'],
  ])('%d is %s', (value, text) => expect(rate(value)).toBe(text));
});

describe('times', () => {
  test.each([
    [0, '0ms', '0s'],
    [180.4, '180ms', '0s'],
    [1900, '1.9s', '1s'],
    [999.7, '1.0s', '0s'],
    [9960, '10s', '9s'],
    [59_999, '1m', '59s'],
    [60_000, '1m', '1m'],
    [7_199_999, '2h', '1h'],
    [172_800_000, '2d', '2d'],
  ])('%d ms took %s and is %s old', (ms, took, old) => {
    expect(span(ms)).toBe(took);
    expect(age(ms)).toBe(old);
  });

  test('clocks that differ make nothing younger than new', () => expect(age(-5000)).toBe('0s'));
});

test('a number that is trouble says so without colour', () => {
  expect(flagged('1.9', true)).toEqual({ text: '1.9!', tone: 'alarm' });
  expect(flagged('0.0', false)).toBe('0.0');
});

test('what is not known is a dash, never a zero', () => {
  expect(known(null, String)).toEqual({ text: '–', tone: 'faint' });
  expect(known(0, String)).toBe('0');
});

describe('a sparkline', () => {
  test.each([
    ['rises to its highest value', [0, 1, 2, 3, 4, 5, 6, 7], 8, '▁▂▃▄▅▆▇█'],
    ['is flat without values above 0', [0, 0, 0, 0], 4, '▁▁▁▁'],
    ['averages neighbours', [0, 0, 7, 7], 2, '▁█'],
    ['has no more columns than values', [7, 7], 8, '██'],
    ['may be empty', [], 8, ''],
  ])('%s', (_name, values, width, text) => expect(sparkline(values, width)).toBe(text));

  test('counts every value when they do not divide evenly', () => {
    const spike = Array.from({ length: 30 }, (_, index) => (index === 29 ? 100 : 0));
    expect(sparkline(spike, 8)).toBe('▁▁▁▁▁▁▁█');
  });
});
