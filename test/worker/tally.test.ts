import { describe, expect, it } from 'vitest';
import { createTally } from '../../src/worker/tally.ts';

describe('a tally', () => {
  it('knows all that ended, and what ended in the last minute', () => {
    let now = 3_333;
    const tally = createTally(() => now);
    expect(tally.read()).toEqual({ completed: 0, failed: 0, lately: { ms: 5000, completed: 0, failed: 0 } });
    tally.count('completed');
    tally.count('failed');
    now += 20_000;
    tally.count('completed');
    expect(tally.read()).toEqual({ completed: 2, failed: 1, lately: { ms: 20_000, completed: 2, failed: 1 } });
    now += 45_000;
    expect(tally.read()).toEqual({ completed: 2, failed: 1, lately: { ms: 58_333, completed: 1, failed: 0 } });
    now += 600_000;
    expect(tally.read().lately).toMatchObject({ completed: 0, failed: 0 });
  });

  it('tells the rate of steady work, whenever it is asked', () => {
    let now = 0;
    const tally = createTally(() => now);
    for (; now < 300_000; now += 100) {
      tally.count('completed');
      if (now < 10_000) continue;
      const { ms, completed } = tally.read().lately;
      expect(Math.abs((completed * 1000) / ms - 10)).toBeLessThan(0.1);
      expect(ms).toBeLessThanOrEqual(60_000);
    }
  });
});
