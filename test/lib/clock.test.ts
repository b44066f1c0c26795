import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sleep } from '../../src/lib/clock.ts';

describe('sleep', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('lasts as long as it was told', async () => {
    let isOver = false;
    const sleeping = sleep(1000).then(() => (isOver = true));
    await vi.advanceTimersByTimeAsync(999);
    expect(isOver).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await sleeping;
  });

  it('ends at once, and without a timer left behind, when its signal aborts', async () => {
    const controller = new AbortController();
    const sleeping = sleep(1000, controller.signal);
    controller.abort();
    await sleeping;
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not begin when its signal has aborted before', async () => {
    await sleep(1000, AbortSignal.abort());
    expect(vi.getTimerCount()).toBe(0);
  });
});
