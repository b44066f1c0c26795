import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createDeadline } from '../../src/lib/deadline.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const create = () => createDeadline(100, () => new Error('too late'));

it('settles as the promise does, when that is in time', async () => {
  const deadline = create();
  const later = new Promise((resolve) => setTimeout(() => resolve('later'), 99));
  const watched = deadline.watch(later);
  await vi.advanceTimersByTimeAsync(99);
  expect(await watched).toBe('later');
  expect(await deadline.watch(Promise.resolve(1))).toBe(1);
  await expect(deadline.watch(Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(deadline.overdue).toBe(0);
  expect(vi.getTimerCount(), 'nothing is waited for any more').toBe(0);
});

it('rejects each in its time, and counts those that are not settled yet', async () => {
  const deadline = create();
  const ends: string[] = [];
  const gates = ['a', 'b', 'c'].map((name) => ({ name, ...Promise.withResolvers<void>() }));
  for (const { name, promise } of gates) {
    deadline.watch(promise).then(
      () => ends.push(`${name} done`),
      (error: Error) => ends.push(`${name} ${error.message}`),
    );
    await vi.advanceTimersByTimeAsync(40);
  }
  expect(ends).toEqual(['a too late']);
  gates[1]!.resolve();
  await vi.advanceTimersByTimeAsync(60);
  expect(ends).toEqual(['a too late', 'b done', 'c too late']);
  expect(deadline.overdue).toBe(2);
  gates[0]!.resolve();
  gates[2]!.reject(new Error('also late'));
  await vi.advanceTimersByTimeAsync(0);
  expect(deadline.overdue).toBe(0);
  expect(ends).toHaveLength(3);
  expect(vi.getTimerCount()).toBe(0);
});
