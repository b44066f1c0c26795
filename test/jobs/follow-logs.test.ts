import fc from 'fast-check';
import { expect, it } from 'vitest';
import { overlap } from '../../src/jobs/follow-logs.ts';

it.each([
  [[], ['a'], 0],
  [['a'], ['a', 'b'], 1],
  [['a', 'b'], ['b', 'c'], 1],
  [['a', 'b'], ['c', 'd'], 0],
  [['a', 'a'], ['a', 'a', 'a'], 2],
])('overlap of %j and %j', (before, lines, expected) => {
  expect(overlap(before, lines)).toBe(expected);
});

it('finds what is new of lines that are all different, however many are kept', () => {
  fc.assert(
    fc.property(fc.nat(30), fc.nat(10), fc.integer({ min: 1, max: 20 }), (first, more, kept) => {
      const all = Array.from({ length: first + more }, (_, index) => `line ${index}`);
      const before = all.slice(0, first).slice(-kept);
      const lines = all.slice(-kept);
      expect(lines.slice(overlap(before, lines))).toEqual(all.slice(first).slice(-kept));
    }),
  );
});
