import type { Broker } from '../broker/broker.ts';
import type { AttemptEnd, Delivery } from '../broker/consumer/consumer.ts';
import { bucketOf, emptyFigures, type Figures, writeFigures } from '../broker/figures.ts';
import { addOutcomes, type Outcomes } from '../broker/outcomes.ts';
import type { RedisClock } from '../broker/redis-clock.ts';
import { addBucketTo, emptySpan, type SpanFigures, spanOf, SPANS_EVERY_MS, writeSpan } from '../broker/spans.ts';
import { addDuration, addTotals, emptyTotals, type Totals } from '../broker/totals.ts';
import type { WorkerTally } from '../broker/worker-records.ts';
import { addTo, binOf } from '../lib/histogram.ts';
import { createTally } from './tally.ts';

/** Collects how attempts went; what was collected is handed over as commands for Redis. */
export interface FigureBook {
  record(delivery: FigureSubject, end: AttemptEnd, startedAt: number, runMs: number): void;
  /** Commands that write what came since the last call. @param isLast nothing is put off to a later call */
  take(broker: Pick<Broker, 'keys' | 'clock'>, isLast: boolean): (string | number)[][];
  /** What came in all, and lately. */
  tally(): WorkerTally;
}

export type FigureSubject = Pick<Delivery, 'queue' | 'type' | 'fence' | 'dueAt' | 'attempt' | 'maxAttempts'>;

/** What types are counted as that have no handler here, such as of jobs that had expired: anybody can think of a new one. */
const OTHER = 'other';

interface PageFigures extends Figures {
  runMs: number;
}

const emptyPage = (): PageFigures => ({ ...emptyFigures(), runMs: 0 });

export function createFigureBook(clock: RedisClock, isKnown: (type: string) => boolean): FigureBook {
  // bucket → queue → type: an attempt counts for the time of its end.
  let pages = new Map<number, Map<string, Map<string, PageFigures>>>();
  // span → queue → type
  let spans = new Map<number, Map<string, Map<string, SpanFigures>>>();
  let spansTakenAt = -Infinity;
  // queue → type
  let totals = new Map<string, Map<string, Totals>>();
  const tally = createTally();

  function takeSpans(broker: Pick<Broker, 'keys'>): (string | number)[][] {
    const taken = spans;
    [spans, spansTakenAt] = [new Map(), clock.now()];
    return [...taken].flatMap(([start, queues]) =>
      [...queues].flatMap(([queue, byType]) => writeSpan(broker, queue, start, byType)),
    );
  }

  return {
    record({ queue, type: given, fence, dueAt, attempt, maxAttempts }, end, startedAt, runMs) {
      if (end.kind !== 'completed' && end.kind !== 'failed') return;
      tally.count(end.kind);
      const type = isKnown(given) ? given : OTHER;
      const page = within(pages, bucketOf(clock.now()), () => new Map<string, Map<string, PageFigures>>());
      const figures = within(inner(page, queue), type, emptyPage);
      const total = within(inner(totals, queue), type, emptyTotals);
      if (end.kind === 'completed') {
        figures.ok += 1;
        total.completed += 1;
      } else {
        figures.failed += 1;
        total.failed += 1;
        if (end.final || attempt >= maxAttempts) {
          figures.dead += 1;
          total.dead += 1;
        }
      }
      addTo(figures.run, binOf(runMs));
      figures.runMs += runMs;
      addDuration(total.run, runMs);
      // A retry waits on purpose, and so does what is snoozed or replayed: only first starts tell how long jobs wait.
      if (fence !== 1) return;
      const waitMs = Math.max(0, startedAt - dueAt.getTime());
      addTo(figures.wait, binOf(waitMs));
      addDuration(total.wait, waitMs);
    },
    take(broker, isLast) {
      const [takenPages, takenTotals] = [pages, totals];
      [pages, totals] = [new Map(), new Map()];
      for (const [start, queues] of takenPages) {
        const span = within(spans, spanOf(start), () => new Map<string, Map<string, SpanFigures>>());
        for (const [queue, byType] of queues)
          for (const [type, figures] of byType)
            addBucketTo(within(inner(span, queue), type, emptySpan), start, figures, figures.runMs);
      }
      const isDue = isLast || Math.abs(clock.now() - spansTakenAt) >= SPANS_EVERY_MS;
      return [
        ...[...takenPages].flatMap(([start, queues]) =>
          [...queues].flatMap(([queue, byType]) => [
            ...writeFigures(broker, queue, start, byType),
            ...addOutcomes(broker.keys, queue, start, outcomesOf(byType)),
          ]),
        ),
        ...(isDue ? takeSpans(broker) : []),
        ...[...takenTotals].flatMap(([queue, byType]) =>
          [...byType].flatMap(([type, total]) => addTotals(broker, { queue, type, ...total })),
        ),
      ];
    },
    tally: () => tally.read(),
  };
}

function outcomesOf(byType: ReadonlyMap<string, Figures>): Outcomes {
  const sum = { completed: 0, failed: 0, dead: 0 };
  for (const { ok, failed, dead } of byType.values()) {
    sum.completed += ok;
    sum.failed += failed;
    sum.dead += dead;
  }
  return sum;
}

const inner = <Outer, Inner, Value>(map: Map<Outer, Map<Inner, Value>>, key: Outer): Map<Inner, Value> =>
  within(map, key, () => new Map<Inner, Value>());

function within<Key, Value>(map: Map<Key, Value>, key: Key, create: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = create()));
  return value;
}
