import type { Snapshot } from '../jobs/snapshot-types.ts';
import { createPoller, type Source } from './poller.ts';

/** Hands out snapshots, and why there are none, until `signal` aborts. */
export function followSource(
  source: Source,
  listener: { everyMs: number; onSnapshot(snapshot: Snapshot): void; onMiss(reason: string): void },
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve) => {
    const poller = createPoller(source, {
      intervalMs: () => listener.everyMs,
      onSnapshot: listener.onSnapshot,
      onMiss: listener.onMiss,
    });
    const stop = () => {
      poller.stop();
      resolve();
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}
