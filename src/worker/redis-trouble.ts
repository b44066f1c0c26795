import { JobQueueError } from '../errors.ts';
import { sleep } from '../lib/clock.ts';

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2000;

/** Whether something failed because Redis was away or refused: nothing that a job or its handler could help. */
export function isRedisTrouble(thrown: unknown): boolean {
  const seen = new Set<unknown>();
  for (let error = thrown; error instanceof Error && !seen.has(error); error = error.cause) {
    seen.add(error);
    if (error instanceof JobQueueError && (error.code === 'REDIS_UNREACHABLE' || error.code === 'REDIS_REFUSED'))
      return true;
  }
  return false;
}

/**
 * Calls again and again, ever more slowly, while Redis is in trouble. Only for what may be sent twice.
 * @throws what the last call threw once `signal` has aborted; at once what has another reason
 */
export async function patiently<Result>(signal: AbortSignal, call: () => Promise<Result>): Promise<Result> {
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      return await call();
    } catch (error) {
      if (signal.aborted || !isRedisTrouble(error)) throw error;
      await sleep(pause, signal);
    }
  }
}
