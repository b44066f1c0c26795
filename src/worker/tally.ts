import type { WorkerTally } from '../broker/worker-records.ts';
import { monotonicMs } from '../lib/clock.ts';

/** Counts the attempts that ended in this process: all of them, and those of the last minute. */
export interface Tally {
  count(how: 'completed' | 'failed'): void;
  read(): WorkerTally;
}

const STEP_MS = 5000;
const STEPS = 12;

export function createTally(now = monotonicMs): Tally {
  const startedAt = now();
  const sum = { completed: 0, failed: 0 };
  // By the number of their step.
  const steps = new Map<number, typeof sum>();

  return {
    count(how) {
      sum[how] += 1;
      const step = Math.floor(now() / STEP_MS);
      const current = steps.get(step) ?? { completed: 0, failed: 0 };
      current[how] += 1;
      steps.set(step, current);
      if (steps.size > STEPS) forgetBefore(step);
    },
    read() {
      const at = now();
      const step = Math.floor(at / STEP_MS);
      forgetBefore(step);
      const recent = [...steps.values()];
      return {
        ...sum,
        lately: {
          // A rate of the first moments would say more than is known.
          ms: Math.max(STEP_MS, Math.round(at - Math.max(startedAt, (step - STEPS + 1) * STEP_MS))),
          completed: recent.reduce((total, { completed }) => total + completed, 0),
          failed: recent.reduce((total, { failed }) => total + failed, 0),
        },
      };
    },
  };

  function forgetBefore(step: number): void {
    for (const each of steps.keys()) if (each <= step - STEPS) steps.delete(each);
  }
}
