import { addTo, isBin } from '../lib/histogram.ts';
import type { Broker } from './broker.ts';
import { addFigures, emptyFigures, type Figures } from './figures.ts';
import { type Reply, type ReplyError } from './redis.ts';
import { eachRead, readEach } from './read-each.ts';
import { READ_BUCKETS } from './scripts/read-buckets.ts';

/**
 * Length of one span. Spans tell of an hour what buckets tell of the last minutes: of all queues there are a few thousand of
 * them, where the buckets of an hour would be a hundred thousand.
 */
export const SPAN_MS = 600_000;
export const MINUTE_MS = 60_000;
/** An hour, and the span that is not at its end. */
export const SPANS = 7;
/** How often workers write them: who looks more often finds nothing new. */
export const SPANS_EVERY_MS = 10_000;
const KEPT_S = ((SPANS + 1) * SPAN_MS) / 1000;

/** What workers write down of the attempts that ended in ten minutes, per queue and type. */
export interface SpanFigures extends Figures {
  /** Those of each minute of the span, and what they ran for together. */
  okByMinute: number[];
  failedByMinute: number[];
  runMsByMinute: number[];
}

export const emptySpan = (): SpanFigures => ({
  ...emptyFigures(),
  okByMinute: zeros(),
  failedByMinute: zeros(),
  runMsByMinute: zeros(),
});

const zeros = (): number[] => Array.from({ length: SPAN_MS / MINUTE_MS }, () => 0);

export const spanOf = (ms: number): number => ms - (ms % SPAN_MS);

/** Adds the attempts that ended in a bucket to those of its span. */
export function addBucketTo(span: SpanFigures, start: number, figures: Figures, runMs: number): void {
  const minute = Math.floor((start - spanOf(start)) / MINUTE_MS);
  addFigures(span, figures);
  span.okByMinute[minute]! += figures.ok;
  span.failedByMinute[minute]! += figures.failed;
  span.runMsByMinute[minute]! += runMs;
}

/**
 * Commands that add figures to a span. Its fields are `ok.<minute>:<type>`, `failed.<minute>:<type>`, `time.<minute>:<type>`
 * in ms, `dead:<type>`, `run.<bin>:<type>` and `wait.<bin>:<type>`: sums, so that any number of workers write to the same one.
 */
export function writeSpan(
  { keys }: Pick<Broker, 'keys'>,
  queue: string,
  start: number,
  byType: ReadonlyMap<string, SpanFigures>,
): (string | number)[][] {
  const key = keys.span(queue, start);
  const fields = [...byType].flatMap(([type, { dead, run, wait, okByMinute, failedByMinute, runMsByMinute }]) => [
    [`dead:${type}`, dead] as const,
    ...okByMinute.map((amount, minute) => [`ok.${minute}:${type}`, amount] as const),
    ...failedByMinute.map((amount, minute) => [`failed.${minute}:${type}`, amount] as const),
    ...runMsByMinute.map((ms, minute) => [`time.${minute}:${type}`, Math.round(ms)] as const),
    ...run.map((amount, bin) => [`run.${bin}:${type}`, amount] as const),
    ...wait.map((amount, bin) => [`wait.${bin}:${type}`, amount] as const),
  ]);
  const changes = fields.filter(([, amount]) => amount > 0).map(([field, amount]) => ['HINCRBY', key, field, amount]);
  return changes.length === 0 ? [] : [...changes, ['EXPIRE', key, KEPT_S]];
}

/** Commands that read spans, for {@link decodeSpans}. */
export const readSpans = (
  broker: Pick<Broker, 'keys' | 'target'>,
  spans: readonly { queue: string; start: number }[],
) =>
  readEach(
    broker,
    READ_BUCKETS,
    spans.map(({ queue, start }) => broker.keys.span(queue, start)),
  );

export const decodeSpans = (replies: readonly (Reply | ReplyError)[]): Map<string, SpanFigures>[] =>
  eachRead<string>(replies).map(decodeSpan);

function decodeSpan(text: string): Map<string, SpanFigures> {
  const byType = new Map<string, SpanFigures>();
  const parts = text.split('\0');
  for (let index = 0; index + 1 < parts.length; index += 2) {
    // A type may hold anything, also a colon.
    const [, name, place, type] = /^([a-z]+)(?:\.(\d+))?:(.*)$/s.exec(parts[index]!) ?? [];
    const amount = Number(parts[index + 1]);
    if (name === undefined || type === undefined || !Number.isFinite(amount)) continue;
    let span = byType.get(type);
    if (!span) byType.set(type, (span = emptySpan()));
    addField(span, name, Number(place), amount);
  }
  return byType;
}

const BY_MINUTE = { ok: 'okByMinute', failed: 'failedByMinute', time: 'runMsByMinute' } as const;

function addField(span: SpanFigures, name: string, place: number, amount: number): void {
  if (name === 'dead') span.dead += amount;
  else if (name === 'run' || name === 'wait') {
    if (isBin(place)) addTo(span[name], place, amount);
  } else if (name === 'ok' || name === 'failed' || name === 'time') {
    const minutes = span[BY_MINUTE[name]];
    if (minutes[place] === undefined) return;
    minutes[place] += amount;
    if (name !== 'time') span[name] += amount;
  }
}
