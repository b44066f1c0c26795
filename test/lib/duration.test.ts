import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDuration, renderApproximateDuration, renderDuration } from '../../src/lib/duration.ts';

const milliseconds = fc.nat(10 ** 13);

describe('parseDuration', () => {
  it.each([
    ['250ms', 250],
    ['5s', 5000],
    ['10m', 600_000],
    ['24h', 86_400_000],
    ['7d', 604_800_000],
    ['2w', 1_209_600_000],
    ['1.5s', 1500],
    [' 5 s ', 5000],
    ['90', 90],
    [90, 90],
    [0.4, 0],
    ['0', 0],
  ])('reads %j as %d ms', (value, ms) => expect(parseDuration(value)).toBe(ms));

  it.each([
    '',
    ' ',
    's',
    '-5s',
    '+5s',
    '5 sec',
    '5S',
    '1h30m',
    '1e3',
    '0x10',
    '5s\0',
    'Infinity',
    '99999999999999999w',
  ])('refuses the text %j', (value) => expect(parseDuration(value)).toBeUndefined());

  it.each([-1, -0.4, Number.NaN, Infinity, 1e300, null, undefined, true, {}, ['5s'], 5n])('refuses %s', (value) =>
    expect(parseDuration(value)).toBeUndefined(),
  );

  it('gives whole milliseconds that a program can count with, or nothing, whatever it gets', () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.string(), fc.double()), (value) => {
        const ms = parseDuration(value);
        expect(ms === undefined || (Number.isSafeInteger(ms) && ms >= 0)).toBe(true);
      }),
    );
  });
});

describe('renderDuration', () => {
  it.each([
    [0, '0s'],
    [250, '250ms'],
    [90_000, '90s'],
    [3_600_000, '1h'],
    [604_800_000, '7d'],
  ])('writes %d ms as %s', (ms, text) => expect(renderDuration(ms)).toBe(text));

  it('is read back exactly', () => {
    fc.assert(
      fc.property(milliseconds, (ms) => {
        expect(parseDuration(renderDuration(ms))).toBe(ms);
      }),
    );
  });
});

describe('renderApproximateDuration', () => {
  it.each([
    [-5, '0ms'],
    [0, '0ms'],
    [812.4, '812ms'],
    [999.4, '999ms'],
    [999.6, '1.0s'],
    [1900, '1.9s'],
    [59_949, '59.9s'],
    [59_950, '1m00s'],
    [192_000, '3m12s'],
    [3_599_499, '59m59s'],
    [3_599_600, '1h00m'],
    [7_500_000, '2h05m'],
    [86_399_000, '23h59m'],
    [352_800_000, '4d2h'],
  ])('shows %d ms as %s', (ms, text) => expect(renderApproximateDuration(ms)).toBe(text));

  it('is never off by more than a part in twenty', () => {
    const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
    fc.assert(
      fc.property(milliseconds, (ms) => {
        const parts = [...renderApproximateDuration(ms).matchAll(/([\d.]+)(ms|[smhd])/g)];
        const shown = parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * units[unit!]!, 0);
        expect(Math.abs(shown - ms)).toBeLessThanOrEqual(ms / 20);
      }),
    );
  });
});
