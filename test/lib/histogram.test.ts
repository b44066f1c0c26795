import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addTo, barsOf, binOf, type Histogram, middleOf, quantile } from '../../src/lib/histogram.ts';

const milliseconds = fc.double({ min: 1, max: 10 ** 9, noNaN: true });

function histogramOf(values: readonly number[]): Histogram {
  const histogram: Histogram = [];
  for (const value of values) addTo(histogram, binOf(value));
  return histogram;
}

it('gives a value back at most a tenth off', () => {
  fc.assert(
    fc.property(milliseconds, (ms) => {
      expect(Math.abs(middleOf(binOf(ms)) - ms)).toBeLessThanOrEqual(ms / 10);
    }),
  );
});

it('has one bin for everything below a millisecond', () => {
  expect([0, 0.2, 0.999].map(binOf)).toEqual([0, 0, 0]);
  expect(binOf(1)).toBe(1);
  expect(middleOf(0)).toBe(0.5);
});

describe('quantile', () => {
  it('is nothing of nothing', () => expect(quantile([], 0.5)).toBeNull());

  it('is that of the sorted values, at most a tenth off', () => {
    fc.assert(
      fc.property(
        fc.array(milliseconds, { minLength: 1 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, part) => {
          const sorted = values.toSorted((a, b) => a - b);
          const exact = sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)]!;
          expect(Math.abs(quantile(histogramOf(values), part)! - exact)).toBeLessThanOrEqual(exact / 10);
        },
      ),
    );
  });

  it('does not fall as the part grows', () => {
    fc.assert(
      fc.property(fc.array(milliseconds, { minLength: 1 }), (values) => {
        const histogram = histogramOf(values);
        const quantiles = [0, 0.25, 0.5, 0.95, 0.99, 1].map((part) => quantile(histogram, part)!);
        expect(quantiles).toEqual(quantiles.toSorted((a, b) => a - b));
      }),
    );
  });

  it('counts amounts that were added up elsewhere', () => {
    const histogram: Histogram = [];
    addTo(histogram, binOf(10), 99);
    addTo(histogram, binOf(1000));
    expect(quantile(histogram, 0.5)).toBe(middleOf(binOf(10)));
    expect(quantile(histogram, 1)).toBe(middleOf(binOf(1000)));
  });
});

describe('bars', () => {
  it('are none of nothing', () => expect(barsOf([0, 0], 10)).toEqual([]));

  it('have all that was counted between their bounds, without a gap, as many as may be', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 10 ** 9, noNaN: true }), { minLength: 1 }),
        fc.integer({ min: 2, max: 40 }),
        (values, most) => {
          const bars = barsOf(histogramOf(values), most);
          expect(bars.length).toBeLessThanOrEqual(most);
          expect(bars.slice(1).map(({ fromMs }) => fromMs)).toEqual(bars.slice(0, -1).map(({ toMs }) => toMs));
          const near = (ms: number, bound: number): number => (Math.abs(ms - bound) < bound * 1e-9 ? 1 : 0);
          for (const { fromMs, toMs, amount } of bars) {
            const edge = values.filter((ms) => near(ms, fromMs) + near(ms, toMs) > 0).length;
            const inside = values.filter((ms) => ms >= fromMs && ms < toMs).length;
            expect(Math.abs(amount - inside)).toBeLessThanOrEqual(edge);
          }
          expect([bars[0]!.amount, bars.at(-1)!.amount].every((amount) => amount > 0)).toBe(true);
        },
      ),
    );
  });

  it('are as fine as there is room for', () => {
    const histogram = histogramOf([0.1, 64, 127, 1023]);
    expect(barsOf(histogram, 6).map(({ fromMs, amount }) => [fromMs, amount])).toEqual([
      [0, 1],
      [1, 0],
      [4, 0],
      [16, 0],
      [64, 2],
      [256, 1],
    ]);
    expect(barsOf(histogramOf([64, 70, 127]), 4).map(({ toMs }) => Math.round(toMs))).toEqual([76, 91, 108, 128]);
  });
});
