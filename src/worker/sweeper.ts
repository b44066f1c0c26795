import type { Logger } from 'pino';
import type { Broker } from '../broker/broker.ts';
import { SWEEP_BATCH, sweepCompleted } from '../broker/sweep-completed.ts';
import { sleep } from '../lib/clock.ts';

const EVERY_MS = 10_000;
/** Calls in a row that find nothing to remove: one round looks at so many batches, the next one goes on behind them. */
const IDLE_CALLS = 20;
/** Between two calls Redis has time for others. */
const PAUSE_MS = 5;

/**
 * Removes completed jobs when their time is up, also while no job finishes, at which BullMQ would do it. Of all workers one
 * does it for a queue. It owns a timer; `stop` lets a call that is under way end. Dead letters it never touches. Redis away
 * is no reason to end: the next round tells.
 */
export interface Sweeper {
  start(): void;
  stop(): Promise<void>;
}

export interface SweeperOptions {
  queues: readonly string[];
  keepCompleted: { ageMs: number; count: number };
  worker: string;
  log: Logger;
  everyMs?: number;
}

export function createSweeper(broker: Broker, options: SweeperOptions): Sweeper {
  const { queues, keepCompleted, worker, log, everyMs = EVERY_MS } = options;
  const stopping = new AbortController();
  /** How far each queue has been looked through. */
  const cursors = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<void> | undefined;

  async function sweepQueue(queue: string): Promise<void> {
    let idle = 0;
    for (let offset = 0; idle < IDLE_CALLS && !stopping.signal.aborted;) {
      const swept = await sweepCompleted(broker, { queue, offset, keepCompleted, worker });
      if (!swept) return;
      const { seen, removed } = swept;
      if (seen < SWEEP_BATCH) return void cursors.delete(queue);
      idle = removed > 0 ? 0 : idle + 1;
      // What is to go is most often the oldest. Only where that is not so, the others are looked through bit by bit.
      offset = offset === 0 && removed === 0 ? Math.max(seen, cursors.get(queue) ?? 0) : offset + seen - removed;
      cursors.set(queue, offset);
      await sleep(PAUSE_MS, stopping.signal);
    }
  }
  async function sweep(): Promise<void> {
    for (const queue of queues) {
      await sweepQueue(queue).catch((error: unknown) =>
        log.debug({ err: error, queue }, 'completed jobs were not swept'),
      );
    }
  }
  function begin(): void {
    round ??= sweep().finally(() => (round = undefined));
  }

  return {
    start() {
      if (timer) return;
      timer = setInterval(begin, everyMs).unref();
      begin();
    },
    async stop() {
      clearInterval(timer);
      timer = undefined;
      stopping.abort();
      await round;
    },
  };
}
