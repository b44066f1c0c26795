import type { Broker } from '../broker/broker.ts';
import { countStates, readSoonestDue } from '../broker/read-jobs.ts';
import { sleep } from '../lib/clock.ts';

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
  // A look takes several reads, between which a job may move from what was not read yet to what was: one is not enough.
  for (let emptyLooks = 0; emptyLooks < 2 && !signal.aborted;) {
    const isEmpty = busy() === 0 && (await areEmpty(broker, queues).catch(() => false));
    emptyLooks = isEmpty ? emptyLooks + 1 : 0;
    if (emptyLooks < 2) await sleep(LOOK_EVERY_MS, signal);
  }
}

async function areEmpty(broker: Broker, queues: readonly string[]): Promise<boolean> {
  const [counts, dueTimes] = await Promise.all([
    countStates(broker, queues, ['waiting', 'prioritized', 'active']),
    readSoonestDue(broker, queues),
  ]);
  const isBusy = [...counts.values()].some(({ waiting, prioritized, active }) => waiting + prioritized + active > 0);
  return !isBusy && ![...dueTimes.values()].some((dueAt) => dueAt < broker.clock.now() + SOON_MS);
}
