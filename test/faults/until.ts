import { monotonicMs, sleep } from '../../src/lib/clock.ts';

/** Polls until something holds. @returns whether it did in time */
export async function until(holds: () => boolean | Promise<boolean>, withinMs: number, everyMs = 20): Promise<boolean> {
  const deadline = monotonicMs() + withinMs;
  for (;;) {
    if (await holds()) return true;
    if (monotonicMs() > deadline) return false;
    await sleep(everyMs);
  }
}
