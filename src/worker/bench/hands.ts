import type { AttemptEnd, Delivery } from '../../broker/consumer/consumer.ts';
import { monotonicMs } from '../../lib/clock.ts';

/** What runs the jobs of a benchmark: they do nothing, or fail for good. */
export interface Hands {
  run(delivery: Delivery): Promise<AttemptEnd>;
  ended(): number;
  dead(): number;
  /** From now on no job fails, and what each waits is measured. */
  startClock(): void;
  added(id: string, atMs: number): void;
  /** Milliseconds from adding a job to its start. */
  waits(): number[];
}

const FAILED: AttemptEnd = { kind: 'failed', message: 'Failed as --fail-rate asks for', stack: '', final: true };
const DONE: AttemptEnd = { kind: 'completed', result: null };

export function createHands(failRate: number): Hands {
  let [ended, dead, isTimed] = [0, 0, false];
  // A job may start before the call that added it has returned.
  const addedAt = new Map<string, number>();
  const startedAt = new Map<string, number>();
  return {
    async run({ id }) {
      ended += 1;
      if (isTimed) startedAt.set(id, monotonicMs());
      // Spread evenly: of any number of jobs exactly that share fails.
      if (isTimed || Math.floor(ended * failRate) === Math.floor((ended - 1) * failRate)) return DONE;
      dead += 1;
      return FAILED;
    },
    ended: () => ended,
    dead: () => dead,
    startClock() {
      isTimed = true;
    },
    added: (id, atMs) => void addedAt.set(id, atMs),
    waits: () => [...addedAt].map(([id, atMs]) => startedAt.get(id)! - atMs),
  };
}
