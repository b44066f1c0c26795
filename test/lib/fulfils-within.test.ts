import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { fulfilsWithin } from '../../src/lib/fulfils-within.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('tells whether a promise was fulfilled in time', async () => {
  const late = Promise.withResolvers<void>();
  const waiting = fulfilsWithin(late.promise, 1000);
  await vi.advanceTimersByTimeAsync(1000);
  expect(await waiting).toBe(false);
  expect(await fulfilsWithin(Promise.resolve(0), 1000)).toBe(true);
});

it('takes a rejection for a no, also one that comes later', async () => {
  expect(await fulfilsWithin(Promise.reject(new Error('no')), 1000)).toBe(false);
  const late = Promise.withResolvers<void>();
  const waiting = fulfilsWithin(late.promise, 1000);
  await vi.advanceTimersByTimeAsync(1000);
  late.reject(new Error('too late'));
  expect(await waiting).toBe(false);
});

it('leaves no timer behind', async () => {
  await fulfilsWithin(Promise.resolve(), 1000);
  expect(vi.getTimerCount()).toBe(0);
});
