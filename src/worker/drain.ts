import type { Broker } from '../broker/broker.ts';
import { countStates, readSoonestDue } from '../broker/read-jobs.ts';
import { now, sleep } from '../lib/clock.ts';

const LOOK_EVERY_MS = 100;
/** A delayed job or a retry that is due sooner is waited for. */
const SOON_MS = 60_000;

/**
 * Resolves when the queues are empty: nothing waits, nothing runs here or elsewhere, and nothing becomes due within a
 * minute. While Redis is away nobody knows, so it goes on looking.
 */
export async function untilDrained(
  broker: Broker,
  queues: readonly string[],
  busy: () => number,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted && (busy() > 0 || !(await areEmpty(broker, queues).catch(() => false)))) {
    await sleep(LOOK_EVERY_MS, signal);
  }
}

async function areEmpty(broker: Broker, queues: readonly string[]): Promise<boolean> {
  const [counts, dueTimes] = await Promise.all([
    countStates(broker, queues, ['waiting', 'prioritized', 'active']),
    readSoonestDue(broker, queues),
  ]);
  const isBusy = [...counts.values()].some(({ waiting, prioritized, active }) => waiting + prioritized + active > 0);
  return !isBusy && ![...dueTimes.values()].some((dueAt) => dueAt < now() + SOON_MS);
}
