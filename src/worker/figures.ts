import type { Broker } from '../broker/broker.ts';
import type { AttemptEnd, Delivery } from '../broker/consumer/consumer.ts';
import { bucketOf, emptyFigures, type Figures, writeFigures } from '../broker/figures.ts';
import type { RedisClock } from '../broker/redis-clock.ts';
import { addTo, binOf } from '../lib/histogram.ts';

/** Collects how attempts went; what was collected is handed over as commands for Redis. */
export interface FigureBook {
  record(delivery: Delivery, end: AttemptEnd, startedAt: number, runMs: number): void;
  /** Commands that write what came since the last call. */
  take(keys: Pick<Broker, 'keys'>): (string | number)[][];
}

export function createFigureBook(clock: RedisClock): FigureBook {
  // bucket → queue → type: an attempt counts for the time of its end.
  let pages = new Map<number, Map<string, Map<string, Figures>>>();

  return {
    record({ queue, type, fence, dueAt }, end, startedAt, runMs) {
      if (end.kind !== 'completed' && end.kind !== 'failed') return;
      const queues = within(pages, bucketOf(clock.now()), () => new Map<string, Map<string, Figures>>());
      const figures = within(
        within(queues, queue, () => new Map<string, Figures>()),
        type,
        emptyFigures,
      );
      if (end.kind === 'completed') figures.ok += 1;
      else figures.failed += 1;
      addTo(figures.run, binOf(runMs));
      // A retry waits on purpose, and so does what is snoozed or replayed: only first starts tell how long jobs wait.
      if (fence === 1) addTo(figures.wait, binOf(Math.max(0, startedAt - dueAt.getTime())));
    },
    take(keys) {
      const taken = pages;
      pages = new Map();
      return [...taken].flatMap(([start, queues]) =>
        [...queues].flatMap(([queue, byType]) => writeFigures(keys, queue, start, byType)),
      );
    },
  };
}

function within<Key, Value>(map: Map<Key, Value>, key: Key, create: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = create()));
  return value;
}
