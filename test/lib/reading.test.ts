import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createReading } from '../../src/lib/reading.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A source whose answers the test gives. */
function createSource() {
  const asked: { answer: (value: number) => void; fail: (error: Error) => void }[] = [];
  const reading = createReading(
    () => new Promise<number>((resolve, reject) => void asked.push({ answer: resolve, fail: reject })),
  );
  return { reading, asked };
}

async function readOnce(value: number) {
  const source = createSource();
  const first = source.reading.get();
  source.asked[0]!.answer(value);
  expect(await first).toBe(value);
  return source;
}

describe('a reading', () => {
  it('is not read again within half a second, nor is anybody kept waiting', async () => {
    const { reading, asked } = await readOnce(1);
    vi.advanceTimersByTime(499);
    expect(reading.get()).toBe(1);
    expect(asked).toHaveLength(1);
  });

  it('is read again within the second, once, while all get what is known', async () => {
    const { reading, asked } = await readOnce(1);
    vi.advanceTimersByTime(500);
    expect([reading.get(), reading.get()]).toEqual([1, 1]);
    expect(asked).toHaveLength(2);
    asked[1]!.answer(2);
    await vi.advanceTimersByTimeAsync(0);
    expect(reading.get()).toBe(2);
  });

  it('is never older than a second, counted from before it was read', async () => {
    const source = createSource();
    const first = source.reading.get();
    vi.advanceTimersByTime(900);
    source.asked[0]!.answer(1);
    expect(await first).toBe(1);
    vi.advanceTimersByTime(100);
    const next = source.reading.get();
    expect(next).toBeInstanceOf(Promise);
    source.asked[1]!.answer(2);
    expect(await next).toBe(2);
  });

  it('holds for ten seconds when its source is silent or fails, and then fails with it', async () => {
    const { reading, asked } = await readOnce(1);
    vi.advanceTimersByTime(5000);
    const silent = reading.get();
    await vi.advanceTimersByTimeAsync(100);
    expect(await silent).toBe(1);
    const failing = reading.get();
    asked[1]!.fail(new Error('away'));
    expect(await failing).toBe(1);
    vi.advanceTimersByTime(5000);
    const late = reading.get();
    asked[2]!.fail(new Error('away'));
    await expect(late).rejects.toThrow('away');
  });

  it('fails at once when nothing was ever read', async () => {
    const { reading, asked } = createSource();
    const first = reading.get();
    asked[0]!.fail(new Error('away'));
    await expect(first).rejects.toThrow('away');
  });

  it('can be read now, together with those who ask at the same time', async () => {
    const { reading, asked } = await readOnce(1);
    const both = Promise.all([reading.refresh(), reading.refresh()]);
    expect(asked).toHaveLength(2);
    asked[1]!.answer(2);
    expect(await both).toEqual([2, 2]);
    expect(reading.get()).toBe(2);
  });
});
