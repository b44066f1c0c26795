import type { Broker } from '../broker/broker.ts';
import { countStates, readSoonestDue } from '../broker/read-jobs.ts';
import { now, sleep } from '../lib/clock.ts';

const LOOK_EVERY_MS = 100;
/** A delayed job or a retry that is due sooner is waited for. */
const SOON_MS = 60_000;

/** Resolves when the queues are empty: nothing waits, nothing runs here or elsewhere, and nothing becomes due within a minute. */
export async function untilDrained(
  broker: Broker,
  queues: readonly string[],
  busy: () => number,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const [counts, dueTimes] = await Promise.all([
      countStates(broker, queues, ['waiting', 'prioritized', 'active']),
      readSoonestDue(broker, queues),
    ]);
    const left = [...counts.values()].reduce(
      (sum, { waiting, prioritized, active }) => sum + waiting + prioritized + active,
      busy(),
    );
    const isSoon = [...dueTimes.values()].some((dueAt) => dueAt < now() + SOON_MS);
    if (left === 0 && !isSoon) return;
    await sleep(LOOK_EVERY_MS, signal);
  }
}
