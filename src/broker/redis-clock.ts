import { monotonicMs, now as localNow } from '../lib/clock.ts';
import type { Redis } from './redis.ts';

// Soon again at first: the first answer comes while a program starts, and may be late.
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;
/** Two clocks that are both being put right drift apart no faster: one part in a thousand. */
const DRIFT = 1e-3;
/** What the local clock may differ by before somebody is told, and Redis' own be set back by before that is followed. */
const STEP_MS = 1000;

/**
 * The time that all machines of one Redis share: that of Redis itself. What is stored, or compared with what another
 * machine stored, takes its time from here, so that a local clock that is wrong, or is set while jobs run, changes nothing.
 *
 * Between two measurements it goes on by a clock that never steps. It does not go back, but stands still, when it turns
 * out to be a little ahead; only a Redis whose own clock was set back by more than a second takes it along. Until the
 * first measurement it is the local clock.
 *
 * It owns a timer; Redis away is no reason to end: the next measurement tells.
 */
export interface RedisClock {
  /** Whole milliseconds since the epoch. */
  now(): number;
  /** Resolves after the first measurement, which takes one round trip. */
  start(): Promise<void>;
  stop(): void;
}

/** What is to be added to the monotonic clock, as it was found out at one time. */
interface Offset {
  /** The best guess. */
  ms: number;
  /** The truth is no further than `errorMs` from here. */
  middleMs: number;
  errorMs: number;
  measuredAt: number;
}

/** @param onDeviation told how far the local clock is ahead (below 0: behind), each time that it is more than a second and new */
export function createRedisClock(redis: Redis, onDeviation?: (aheadMs: number) => void): RedisClock {
  const [ms, measuredAt] = [localNow() - monotonicMs(), monotonicMs()];
  let offset: Offset = { ms, middleMs: ms, errorMs: Infinity, measuredAt };
  let last = -Infinity;
  let toldMs = 0;
  let timer: NodeJS.Timeout | undefined;

  function measureAfter(pauseMs: number): void {
    timer = setTimeout(() => {
      void measure();
      measureAfter(Math.min(2 * pauseMs, LONGEST_PAUSE_MS));
    }, pauseMs).unref();
  }
  async function measure(): Promise<void> {
    const askedAt = monotonicMs();
    const reply = await redis.call('TIME').catch(() => undefined);
    if (reply === undefined) return;
    const [seconds, microseconds] = reply as [string, string];
    const measuredAt = monotonicMs();
    const time = Number(seconds) * 1000 + Number(microseconds) / 1000;
    // Redis looked at its clock at some moment in between.
    const errorMs = (measuredAt - askedAt) / 2;
    const middleMs = time - (askedAt + measuredAt) / 2;
    const localMs = localNow() - measuredAt;
    // A local clock that may be right most likely is, and says more than an answer that was long under way.
    const ms = Math.abs(localMs - middleMs) <= errorMs ? localMs : middleMs;
    const sample = { ms, middleMs, errorMs, measuredAt };
    if (isBetter(sample, offset)) offset = sample;
    tell(localNow() - (measuredAt + offset.ms), offset.errorMs);
  }
  function tell(aheadMs: number, errorMs: number): void {
    const isFar = Math.abs(aheadMs) - errorMs > STEP_MS;
    if (isFar && Math.abs(aheadMs - toldMs) > STEP_MS) onDeviation?.(aheadMs);
    toldMs = isFar ? aheadMs : 0;
  }

  return {
    now() {
      const time = Math.floor(monotonicMs() + offset.ms);
      const isSetBack = time < last - STEP_MS;
      return (last = isSetBack ? time : Math.max(last, time));
    },
    async start() {
      if (timer) return;
      measureAfter(FIRST_PAUSE_MS);
      await measure();
    },
    stop() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}

/** A quicker answer says more. One that cannot be true beside the former says that a clock was set, or this machine slept. */
function isBetter(sample: Offset, former: Offset): boolean {
  const formerErrorMs = former.errorMs + (sample.measuredAt - former.measuredAt) * DRIFT;
  return (
    sample.errorMs <= formerErrorMs || Math.abs(sample.middleMs - former.middleMs) > sample.errorMs + formerErrorMs
  );
}
