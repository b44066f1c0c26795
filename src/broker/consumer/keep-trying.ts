import { isNotConnectionError, type RedisQueueBackend } from 'bullmq';
import { sleep } from '../../lib/clock.ts';
import { tellsCondition } from '../redis-errors.ts';

/** The scripts that write down how an attempt ended: each takes effect whole, or is refused before its first write. */
const ENDINGS: ReadonlySet<string> = new Set([
  'moveToFinished',
  'moveToDelayed',
  'retryJob',
  'moveJobFromActiveToWait',
]);
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1000;

/**
 * Sends the end of an attempt again and again for as long as Redis is read-only, full or otherwise unfit. BullMQ does so
 * only while it cannot be reached: else it takes the refusal for the job's own failure, or drops the result.
 */
export function keepTryingToEnd(backend: RedisQueueBackend): void {
  const run = backend.execCommand.bind(backend);
  backend.execCommand = (client, command, args: unknown[]) => {
    const call = () => run(client, command, args) as Promise<unknown>;
    return ENDINGS.has(command) ? untilTaken(backend, call) : call();
  };
}

/** @throws what is no refusal of that kind, and whatever comes once the backend closes */
export async function untilTaken<Answer>(
  backend: Pick<RedisQueueBackend, 'closing'>,
  call: () => Promise<Answer>,
): Promise<Answer> {
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    try {
      return await call();
    } catch (error) {
      if (backend.closing || !tellsCondition((error as Error).message)) throw error;
      await sleep(pauseMs);
    }
  }
}

/** Tells which jobs' ends Redis has refused for good: nobody tries again, and their locks are to end. */
export function noticeRefusals(backend: RedisQueueBackend, onRefused: (id: string) => void): void {
  const noticing =
    <Request extends [{ id?: string } | string, ...unknown[]], Answer>(
      move: (...request: Request) => Promise<Answer>,
    ) =>
    async (...request: Request): Promise<Answer> => {
      try {
        return await move(...request);
      } catch (error) {
        const [job] = request;
        if (isNotConnectionError(error as Error)) onRefused(typeof job === 'string' ? job : job.id!);
        throw error;
      }
    };
  backend.moveToCompleted = noticing(backend.moveToCompleted.bind(backend));
  backend.moveToFailed = noticing(backend.moveToFailed.bind(backend));
  backend.moveToDelayed = noticing(backend.moveToDelayed.bind(backend));
  backend.retryJob = noticing(backend.retryJob.bind(backend));
}
