import type { Logger } from 'pino';
import type { Consumer } from '../broker/consumer/consumer.ts';
import { Interruption } from '../broker/interruption.ts';
import { monotonicMs, sleep } from '../lib/clock.ts';
import { fulfilsWithin } from '../lib/fulfils-within.ts';

// After the abort: a little more than a handler has to end, see run-job.
const ABORT_WAIT_MS = 2000;
const LAST_WORDS_MS = 500;
const LOOK_EVERY_MS = 10;

/**
 * Takes no more jobs, gives those that run `graceMs` to end, then aborts them and puts back what still runs.
 * `enough` ends the grace at once.
 * @returns how many could be put back though their handlers go on
 */
export async function finishJobs(
  consumers: readonly Consumer[],
  { graceMs, enough, log }: { graceMs: number; enough: AbortSignal; log: Logger },
): Promise<number> {
  for (const consumer of consumers) consumer.quiet();
  await untilIdle(consumers, graceMs, enough);
  interruptAll(consumers, new Interruption('stopping', 'The worker stops'));
  await untilIdle(consumers, ABORT_WAIT_MS);
  return putBackAll(consumers, log);
}

function interruptAll(consumers: readonly Consumer[], why: Interruption): void {
  for (const consumer of consumers) for (const id of consumer.running()) consumer.interrupt(id, why);
}

async function untilIdle(consumers: readonly Consumer[], ms: number, enough?: AbortSignal): Promise<void> {
  const deadline = monotonicMs() + ms;
  const isOver = () =>
    enough?.aborted || monotonicMs() > deadline || consumers.every((consumer) => consumer.running().length === 0);
  while (!isOver()) await sleep(LOOK_EVERY_MS, enough);
}

/** Handlers that do not listen to their signals go on, but their jobs are not lost. @returns how many could be put back */
async function putBackAll(consumers: readonly Consumer[], log: Logger): Promise<number> {
  let count = 0;
  for (const { queue, running, putBack } of consumers) {
    for (const id of running()) {
      // Without Redis it is put back when its lock ends. One that cannot be must not keep us from the others.
      const isBack = await fulfilsWithin(putBack(id), LAST_WORDS_MS);
      log.warn(
        { job: id, queue },
        isBack ? 'put back: its handler does not end' : 'left behind: its handler does not end',
      );
      if (isBack) count += 1;
    }
  }
  return count;
}
