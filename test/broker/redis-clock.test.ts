import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sleep } from '../../src/lib/clock.ts';
import type { Redis } from '../../src/broker/redis.ts';
import { createRedisClock, type RedisClock } from '../../src/broker/redis-clock.ts';

const HOUR = 3_600_000;
const START = Date.UTC(2030, 0, 1);

/** How far Redis' clock is ahead of what was the time here at the start, and how long a request and an answer take. */
let ahead: number;
let wayMs: [there: number, back: number];
let isAway: boolean;
let toldMs: number[];
let clock: RedisClock;

const redisTime = () => START + ahead + performance.now();
const redis = {
  async call() {
    if (isAway) throw new Error('away');
    const [there, back] = wayMs;
    if (there > 0) await sleep(there);
    const time = redisTime();
    if (back > 0) await sleep(back);
    return [String(Math.floor(time / 1000)), String(Math.floor((time % 1000) * 1000))];
  },
} as unknown as Redis;

beforeEach(() => {
  vi.useFakeTimers({ now: START });
  [ahead, wayMs, isAway, toldMs] = [0, [0, 0], false, []];
  clock = createRedisClock(redis, (aheadMs) => toldMs.push(Math.round(aheadMs)));
});
afterEach(() => {
  clock.stop();
  vi.useRealTimers();
});

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
async function start(clock: RedisClock): Promise<void> {
  const started = clock.start();
  await pass(wayMs[0] + wayMs[1]);
  await started;
}
const stepLocal = (ms: number) => void vi.setSystemTime(Date.now() + ms);

it('goes by the local clock until it knows better', async () => {
  [ahead, isAway] = [HOUR, true];
  await start(clock);
  expect(clock.now()).toBe(START);
  isAway = false;
  await pass(5000);
  expect(clock.now()).toBe(redisTime());
});

it.each([HOUR, -HOUR])('goes by that of Redis then, whatever the local clock does (%i ms)', async (step) => {
  ahead = 90_000;
  await start(clock);
  expect(clock.now()).toBe(redisTime());
  stepLocal(step);
  expect(clock.now()).toBe(redisTime());
  await pass(60_000);
  expect(clock.now()).toBe(redisTime());
});

it('believes a quick answer more than a slow one, however lopsided', async () => {
  wayMs = [1, 1];
  await start(clock);
  wayMs = [0, 800];
  await pass(20_000);
  expect(Math.abs(clock.now() - redisTime())).toBeLessThanOrEqual(1);
});

it('believes a local clock that may be right more than a slow answer, and a wrong one less', async () => {
  wayMs = [0, 800];
  await start(clock);
  expect(clock.now()).toBe(redisTime());
  ahead = HOUR;
  await pass(20_000);
  expect(Math.abs(clock.now() - redisTime())).toBeLessThanOrEqual(401);
});

it('is never further off than the best round trip and what clocks drift', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(300), fc.nat(300)), { minLength: 1, maxLength: 20 }),
      fc.oneof(fc.integer({ min: -HOUR, max: HOUR }), fc.integer({ min: -500, max: 500 })),
      async (ways, deviation) => {
        ahead = deviation;
        wayMs = ways[0]!;
        const clock = createRedisClock(redis);
        await start(clock);
        let former = clock.now();
        for (const way of ways) {
          wayMs = way;
          await pass(5000);
          expect(clock.now()).toBeGreaterThanOrEqual(former);
          former = clock.now();
        }
        const best = Math.min(...ways.map(([there, back]) => there + back));
        expect(Math.abs(clock.now() - redisTime())).toBeLessThanOrEqual(best + ways.length * 10 + 1);
        clock.stop();
      },
    ),
    { numRuns: 50 },
  );
});

describe('when the clock of Redis is put right', () => {
  it('does not go back, but waits, when it was a little ahead', async () => {
    await start(clock);
    ahead = -400;
    await pass(249);
    const before = clock.now();
    await pass(1);
    expect(clock.now()).toBe(before);
    await pass(200);
    expect(clock.now()).toBe(before);
    await pass(400);
    expect(clock.now()).toBe(redisTime());
  });

  it.each([HOUR, -HOUR])('goes along (%i ms)', async (step) => {
    await start(clock);
    clock.now();
    ahead = step;
    await pass(5000);
    expect(clock.now()).toBe(redisTime());
  });
});

describe('a local clock that is wrong', () => {
  it('is told once, again when it changes, and again after it was right', async () => {
    ahead = -HOUR;
    await start(clock);
    await pass(30_000);
    expect(toldMs).toEqual([HOUR]);
    stepLocal(-HOUR - 5000);
    await pass(30_000);
    expect(toldMs).toEqual([HOUR, -5000]);
    stepLocal(5000);
    await pass(30_000);
    stepLocal(HOUR);
    await pass(30_000);
    expect(toldMs).toEqual([HOUR, -5000, HOUR]);
  });

  it('is not told of when a slow answer may be the reason, or it is less than a second', async () => {
    wayMs = [0, 4000];
    await start(clock);
    stepLocal(-900);
    wayMs = [0, 0];
    await pass(10_000);
    expect(toldMs).toEqual([]);
  });
});

it('survives being started twice, stopped twice, and stopped without a start', async () => {
  clock.stop();
  await clock.start();
  await clock.start();
  expect(vi.getTimerCount()).toBe(1);
  clock.stop();
  clock.stop();
  expect(vi.getTimerCount()).toBe(0);
});
