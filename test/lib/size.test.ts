import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSize, renderExactSize, renderSize } from '../../src/lib/size.ts';

describe('parseSize', () => {
  it.each([
    ['256kb', 262_144],
    ['1mb', 1_048_576],
    ['1.5 KB', 1536],
    ['2GB', 2_147_483_648],
    ['17b', 17],
    ['17', 17],
    [17, 17],
    [0, 0],
  ])('reads %j as %d bytes', (value, bytes) => expect(parseSize(value)).toBe(bytes));

  it.each(['', 'kb', '-1kb', '1kib', '1tb', '1 k b', '1e3', '9999999999gb', -1, 1.5, Infinity, null, undefined, {}])(
    'refuses %j',
    (value) => expect(parseSize(value)).toBeUndefined(),
  );
});

describe('renderExactSize', () => {
  it.each([
    [0, '0b'],
    [1000, '1000b'],
    [262_144, '256kb'],
    [3_221_225_472, '3gb'],
  ])('writes %d bytes as %s', (bytes, text) => expect(renderExactSize(bytes)).toBe(text));

  it('is read back exactly', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 40), (bytes) => {
        expect(parseSize(renderExactSize(bytes))).toBe(bytes);
      }),
    );
  });
});

describe('renderSize', () => {
  it.each([
    [0, '0b'],
    [1023, '1023b'],
    [1024, '1.0kb'],
    [6042, '5.9kb'],
    [222_298_112, '212mb'],
    [3_221_225_472, '3.0gb'],
  ])('shows %d bytes as %s', (bytes, text) => expect(renderSize(bytes)).toBe(text));

  it('is never off by more than a part in ten', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 40), (bytes) => {
        expect(Math.abs(parseSize(renderSize(bytes))! - bytes)).toBeLessThanOrEqual(bytes / 10);
      }),
    );
  });
});
