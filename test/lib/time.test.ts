import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { agoTime, isoTime, parseDate, parseTime } from '../../src/lib/time.ts';

const NOW = Date.parse('2026-11-22T10:00:00Z');

beforeEach(() => void vi.useFakeTimers({ now: NOW, toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

describe('parseTime', () => {
  it.each([
    ['2026-01-31T09:00:00Z', Date.UTC(2026, 0, 31, 9)],
    ['2026-01-31T09:00:00.250+02:00', Date.UTC(2026, 0, 31, 7, 0, 0, 250)],
    ['2026-01-31', Date.UTC(2026, 0, 31)],
    ['2028-02-29', Date.UTC(2028, 1, 29)],
    ['1700000000000', 1_700_000_000_000],
  ])('reads %s', (text, ms) => {
    expect(parseTime(text, 'ago')).toBe(ms);
    expect(parseTime(text, 'ahead')).toBe(ms);
  });

  it('counts a duration back or on from now', () => {
    expect(parseTime('2h', 'ago')).toBe(NOW - 7_200_000);
    expect(parseTime('2h', 'ahead')).toBe(NOW + 7_200_000);
  });

  it.each([
    ['a number that may mean anything', '1700000000'],
    ['a negative duration', '-2h'],
    ['nothing', ''],
    ['a word', 'tomorrow'],
    ['a month that is not', '2026-13-01'],
    ['a day that is not', '2026-02-29'],
    ['a day that is not in any year', '2026-06-31T00:00:00Z'],
    ['an hour that is not', '2026-01-01T25:00:00Z'],
    ['a date with more behind it', '2026-01-01 and so on'],
    ['more than a date can be', '99999999999999999999'],
    ['a duration into times without dates', '9000000000000000'.replace(/0$/, 's')],
  ])('refuses %s', (_name, text) => expect(parseTime(text, 'ahead')).toBeUndefined());
});

describe('dates', () => {
  it('are read back as they were written', () => {
    const time = fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true });
    fc.assert(
      fc.property(time, (date) => {
        expect(parseDate(isoTime(date.getTime()))).toBe(date.getTime());
      }),
    );
  });

  it('are either a time that can be written, or refused', () => {
    const digits = fc.stringMatching(/^\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\dZ$/);
    fc.assert(
      fc.property(digits, (text) => {
        const time = parseDate(text);
        // 24:00 is the next day's midnight in ISO 8601.
        fc.pre(time !== undefined && !text.includes('T24'));
        expect(isoTime(time!)).toBe(text.replace('Z', '.000Z'));
      }),
    );
  });
});

it('tells how long ago a time was, and nothing of a future that is a clock a little ahead', () => {
  expect(agoTime(NOW - 192_000)).toBe('3m12s ago');
  expect(agoTime(NOW + 5000)).toBe('0ms ago');
});
