import { messageOf } from '../errors.ts';
import type { Snapshot } from '../jobs/snapshot-types.ts';
import { monotonicMs } from '../lib/clock.ts';

/** Where the data comes from; rejects when Redis is away. */
export type Source = () => Promise<Snapshot>;

export interface Listener {
  /** The pace asked for, in milliseconds; read before each wait. */
  intervalMs(): number;
  /** `everyMs` is the pace kept, which is slower when Redis is. */
  onSnapshot(snapshot: Snapshot, everyMs: number): void;
  /** The source failed or is silent; it is asked again, or its silence reported again, after `retryMs`. */
  onMiss(reason: string, retryMs: number): void;
}

export interface Poller {
  /** Asks now, unless an answer is being waited for. */
  refresh(): void;
  /** Ends it for good; an answer that comes later is dropped. */
  stop(): void;
}

// Redis spends no more than a fifth of its time on being watched.
const SLOW_MS = 200;
const SLOW_FACTOR = 5;
const SLOWEST_MS = 5000;
// A source that has not answered for so long counts as away, though its answer is still waited for.
const SILENCE_MS = 3000;
const RETRIES_MS = [1000, 2000, 3000];

/** Asks `source` at once and then again and again, one question at a time. */
export function createPoller(source: Source, { intervalMs, onSnapshot, onMiss }: Listener): Poller {
  let next: NodeJS.Timeout | undefined;
  let patience: NodeJS.Timeout | undefined;
  let asking = false;
  let stopped = false;
  let failures = 0;
  let away = false;

  const miss = (reason: string, retryMs: number) => {
    away = true;
    onMiss(reason, retryMs);
  };

  const stopTimers = () => {
    clearTimeout(next);
    clearInterval(patience);
  };

  async function ask(): Promise<void> {
    if (asking || stopped) return;
    asking = true;
    stopTimers();
    const startedAt = monotonicMs();
    const tookMs = () => monotonicMs() - startedAt;
    patience = setInterval(() => miss(`no answer for ${Math.round(tookMs() / 1000)}s`, SILENCE_MS), SILENCE_MS);
    const answer = await source().then(
      (snapshot) => ({ snapshot }),
      (error: unknown) => ({ error }),
    );
    if (stopped) return;
    asking = false;
    stopTimers();
    if ('snapshot' in answer) {
      // The first answer after a miss says that Redis is back, not that it is slow.
      const restMs = tookMs() > SLOW_MS && !away ? Math.min(tookMs() * SLOW_FACTOR, SLOWEST_MS) : 0;
      const everyMs = Math.max(intervalMs(), restMs);
      failures = 0;
      away = false;
      next = setTimeout(ask, tookMs() < everyMs ? everyMs - tookMs() : everyMs);
      onSnapshot(answer.snapshot, everyMs);
    } else {
      const retryMs = RETRIES_MS[failures] ?? RETRIES_MS.at(-1)!;
      failures++;
      next = setTimeout(ask, retryMs);
      miss(messageOf(answer.error), retryMs);
    }
  }

  void ask();
  return {
    refresh: () => void ask(),
    stop() {
      stopped = true;
      stopTimers();
    },
  };
}
