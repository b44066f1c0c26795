import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoff, dedupe, rate, time } from '../../commands/framework/flag-kinds.ts';
import { now } from '../../src/lib/clock.ts';

describe('dedupe', () => {
  it.each([
    ['order-1', { key: 'order-1' }],
    ['order-1:10m', { key: 'order-1', ttl: '10m' }],
    ['user:42', { key: 'user:42' }],
    ['user:42:1.5h', { key: 'user:42', ttl: '1.5h' }],
    [':10m', { key: ':10m' }],
    ['', undefined],
  ])('%j', (text, value) => expect(dedupe.parse(text)).toEqual(value));

  it('loses no character of a key', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (text) => {
        const parsed = dedupe.parse(text)!;
        expect(parsed.ttl === undefined ? parsed.key : `${parsed.key}:${parsed.ttl}`).toBe(text);
      }),
    );
  });
});

it.each([
  ['exponential:2s', { type: 'exponential', delay: '2s' }],
  ['fixed:100ms', { type: 'fixed', delay: '100ms' }],
  ['fixed', undefined],
  ['fixed:', undefined],
  ['linear:2s', undefined],
  ['fixed:soon', undefined],
])('backoff %j', (text, value) => expect(backoff.parse(text)).toEqual(value));

it.each([
  ['100/s', 100],
  ['600/m', 10],
  ['0.5/s', 0.5],
  ['36/h', 0.01],
  ['0/s', undefined],
  ['100', undefined],
  ['-1/s', undefined],
])('rate %j', (text, value) => expect(rate.parse(text)).toEqual(value));

it('time counts durations back or on from now', () => {
  expect(time('ago').parse('2h')).toBeLessThanOrEqual(now() - 7_200_000);
  expect(time('ahead').parse('2h')).toBeGreaterThanOrEqual(now() + 7_199_000);
  expect(time('ago').parse('2030-01-31T09:00:00Z')).toBe(Date.UTC(2030, 0, 31, 9));
  expect(time('ago').parse('yesterday')).toBeUndefined();
});
