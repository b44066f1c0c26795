import { monotonicMs } from './clock.ts';
import { fulfilsWithin } from './fulfils-within.ts';
import type { MaybeLate } from './maybe-late.ts';

/** Something that others change, as it was read not long ago. */
export interface Reading<Value> {
  /**
   * At most {@link OLDEST_MS} old, and at once while somebody asks often. When its source does not answer, for some
   * seconds still what was read last.
   * @throws what reading threw, when nothing is known that is young enough
   */
  get(): MaybeLate<Value>;
  /** Read now; those who ask at the same time share one read. */
  refresh(): Promise<Value>;
}

/** Above this age it is read again, without anybody waiting for it. */
const FRESH_MS = 500;
const OLDEST_MS = 1000;
/** How long an old value holds when reading fails, and how long is waited for a new one. */
const HOLDS_MS = 10_000;
const PATIENCE_MS = 100;

/** Reads on demand only: where nobody asks, nothing runs. */
export function createReading<Value>(read: () => Promise<Value>): Reading<Value> {
  // Its age counts from before it was read: what changed while it was on its way may be missing.
  let last: { value: Value; readAt: number } | undefined;
  let running: Promise<Value> | undefined;

  function refresh(): Promise<Value> {
    running ??= readNow().finally(() => (running = undefined));
    return running;
  }
  async function readNow(): Promise<Value> {
    const readAt = monotonicMs();
    const value = await read();
    last = { value, readAt };
    return value;
  }
  async function getLate(age: number): Promise<Value> {
    if (age < HOLDS_MS) await fulfilsWithin(refresh(), PATIENCE_MS);
    else await refresh();
    return last!.value;
  }
  return {
    refresh,
    get() {
      const age = last ? monotonicMs() - last.readAt : Infinity;
      if (age >= OLDEST_MS) return getLate(age);
      if (age >= FRESH_MS) refresh().catch(() => {});
      return last!.value;
    },
  };
}
