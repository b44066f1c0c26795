import { messageOf } from '../errors.ts';
import { now } from '../lib/clock.ts';
import type { Order, Outcome } from './actions/order.ts';
import type { Desk } from './desk.ts';
import type { Event } from './events.ts';

export interface Runs {
  begin(order: Order, total: number | undefined): void;
  /** Stops what runs, between two steps. */
  stop(): void;
  /** The same, and waits until all has stopped. */
  end(): Promise<void>;
}

type RunEvent = Extract<Event, { type: 'began' | 'progressed' | 'ended' }>;

/** What is being done in the background, while people look on or elsewhere. */
export function createRuns(run: Desk['run'], tell: (event: RunEvent) => void): Runs {
  const running = new Map<number, { stopping: AbortController; ended: Promise<void> }>();
  let last = 0;

  async function perform(id: number, order: Order, signal: AbortSignal): Promise<void> {
    let done = 0;
    const onProgress = (amount: number) => tell({ type: 'progressed', id, done: (done = amount) });
    const outcome = await run(order, { signal, onProgress }).catch((error: unknown): Outcome => ({
      done,
      failures: [{ name: '', reason: messageOf(error) }],
      stopped: false,
    }));
    running.delete(id);
    tell({ type: 'ended', id, outcome });
  }

  const stop = () => running.forEach(({ stopping }) => stopping.abort());
  return {
    begin(order, total) {
      const id = (last += 1);
      const stopping = new AbortController();
      tell({ type: 'began', id, order, total, at: now() });
      running.set(id, { stopping, ended: perform(id, order, stopping.signal) });
    },
    stop,
    async end() {
      stop();
      await Promise.all([...running.values()].map(({ ended }) => ended));
    },
  };
}
