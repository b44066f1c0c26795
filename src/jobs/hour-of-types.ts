import { knownQueues } from '../broker/queues.ts';
import { addFigures, emptyFigures, type Figures } from '../broker/figures.ts';
import {
  decodeSpans,
  MINUTE_MS,
  readSpans,
  SPAN_MS,
  type SpanFigures,
  SPANS,
  SPANS_EVERY_MS,
  spanOf,
} from '../broker/spans.ts';
import { sees } from './caller.ts';
import type { Project } from './project.ts';

/** What became of the attempts of each type in the last hour. */
export interface Hour {
  types: TypeHour[];
  /** The times that it tells of (epoch ms): an hour and up to ten minutes more. */
  since: number;
  at: number;
  /** How much of it has been read, 0 to 1. */
  part: number;
}

/** Of one type in one queue. */
export interface TypeHour extends Figures {
  queue: string;
  type: string;
  /** What all attempts ran for together. */
  runMs: number;
  /** Attempts in each of the last sixty minutes, oldest first; the last one is not at its end. */
  okByMinute: number[];
  failedByMinute: number[];
  /** What those of each of these minutes ran for. */
  runMsByMinute: number[];
}

/** Spans that are read at a time: some 30 ms of Redis. */
const MOST_SPANS = 1000;
/** How long after its end a span may still change. */
const SETTLING_MS = 30_000;
const MINUTES = 60;

interface Kept {
  byType: Map<string, SpanFigures>;
  readAt: number;
  settled: boolean;
}

/**
 * Looks at the last hour again and again: spans that are finished are read once, the others every ten seconds, and of many
 * queues some with each look, the newest first.
 * @param only the one queue that is looked at; without it, all that programs of ours have used
 */
export function watchHour(project: Project, only?: string): () => Promise<Hour> {
  const { broker } = project;
  const kept = new Map<string, Kept>();
  let last: Hour | undefined;

  return async () => {
    const at = broker.clock.now();
    if (last?.part === 1 && Math.abs(at - last.at) < SPANS_EVERY_MS) return last;
    const queues = only === undefined ? (await knownQueues(broker)).filter((queue) => sees(project, queue)) : [only];
    const since = spanOf(at) - (SPANS - 1) * SPAN_MS;
    const starts = Array.from({ length: SPANS }, (_, index) => since + (SPANS - 1 - index) * SPAN_MS);
    const spans = starts.flatMap((start) => queues.map((queue) => ({ queue, start, key: `${start} ${queue}` })));
    const isWanted = new Set(spans.map(({ key }) => key));
    for (const key of kept.keys()) if (!isWanted.has(key)) kept.delete(key);

    const unread = spans.filter(({ key }) => !kept.has(key));
    const changing = spans.filter(({ key }) => {
      const span = kept.get(key);
      return span && !span.settled && Math.abs(at - span.readAt) >= SPANS_EVERY_MS;
    });
    const wanted = [...unread, ...changing].slice(0, MOST_SPANS);
    const found = wanted.length === 0 ? [] : decodeSpans(await broker.redis.pipeline(readSpans(broker, wanted)));
    for (const [index, { key, start }] of wanted.entries())
      kept.set(key, { byType: found[index]!, readAt: at, settled: at >= start + SPAN_MS + SETTLING_MS });

    const read = spans.flatMap(({ key, queue, start }) => {
      const span = kept.get(key);
      return span ? [{ queue, start, byType: span.byType }] : [];
    });
    return (last = { types: sumUp(read, at), since, at, part: spans.length === 0 ? 1 : read.length / spans.length });
  };
}

function sumUp(
  spans: readonly { queue: string; start: number; byType: ReadonlyMap<string, SpanFigures> }[],
  at: number,
): TypeHour[] {
  const sums = new Map<string, TypeHour>();
  const firstMinute = Math.floor(at / MINUTE_MS) - (MINUTES - 1);
  for (const { queue, start, byType } of spans) {
    const offset = start / MINUTE_MS - firstMinute;
    for (const [type, figures] of byType) {
      const key = `${queue} ${type}`;
      let sum = sums.get(key);
      if (!sum) sums.set(key, (sum = emptyHour(queue, type)));
      addFigures(sum, figures);
      for (const ms of figures.runMsByMinute) sum.runMs += ms;
      for (const name of ['okByMinute', 'failedByMinute', 'runMsByMinute'] as const)
        addMinutes(sum[name], figures[name], offset);
    }
  }
  return [...sums.values()];
}

const emptyHour = (queue: string, type: string): TypeHour => ({
  ...emptyFigures(),
  queue,
  type,
  runMs: 0,
  okByMinute: minutes(),
  failedByMinute: minutes(),
  runMsByMinute: minutes(),
});

const minutes = (): number[] => Array.from({ length: MINUTES }, () => 0);

function addMinutes(into: number[], from: readonly number[], offset: number): void {
  for (const [minute, amount] of from.entries())
    if (into[offset + minute] !== undefined) into[offset + minute]! += amount;
}
