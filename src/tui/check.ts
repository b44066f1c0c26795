import { JobQueueError } from '../errors.ts';
import type { QueueSummary, Snapshot } from '../jobs/snapshot-types.ts';
import { parseDuration, renderApproximateDuration } from '../lib/duration.ts';
import { didYouMean } from '../lib/nearest.ts';
import { cleanLine } from '../lib/text.ts';

interface Figure {
  kind: 'number' | 'time' | 'part';
  about: string;
  /** What is not known counts as 0, but for a drain, which then has no end. */
  of(queue: QueueSummary): number;
}

/** What conditions may be about. Times are milliseconds. */
export const FIGURES = {
  wait: { kind: 'number', about: 'jobs that wait', of: ({ waiting }) => waiting },
  active: { kind: 'number', about: 'jobs that run', of: ({ active }) => active },
  delayed: { kind: 'number', about: 'jobs that are not due yet', of: ({ delayed }) => delayed },
  dlq: { kind: 'number', about: 'dead letters', of: ({ failed }) => failed },
  oldest: { kind: 'time', about: 'age of the oldest waiting job', of: (queue) => queue.oldestWaitingMs ?? 0 },
  drain: { kind: 'time', about: 'until nothing waits any more', of: ({ drainMs }) => drainMs ?? Infinity },
  workers: { kind: 'number', about: 'live workers that listen', of: ({ workers }) => workers },
  slots: { kind: 'number', about: 'jobs that these run at a time', of: ({ slots }) => slots },
  paused: { kind: 'number', about: '1 when it is paused, else 0', of: ({ paused }) => Number(paused) },
  in: { kind: 'number', about: 'jobs added a second', of: (queue) => queue.addedPerSecond ?? 0 },
  ok: { kind: 'number', about: 'attempts completed a second', of: (queue) => queue.completedPerSecond ?? 0 },
  fail: { kind: 'number', about: 'attempts failed a second', of: (queue) => queue.failedPerSecond ?? 0 },
  dead: { kind: 'number', about: 'jobs that die a second', of: (queue) => queue.deadPerSecond ?? 0 },
  errors: { kind: 'part', about: 'failed attempts of all attempts', of: (queue) => queue.errorRate ?? 0 },
  p50: { kind: 'time', about: 'median run time', of: ({ p50Ms }) => p50Ms ?? 0 },
  p95: { kind: 'time', about: 'run time that 95 of 100 attempts stay under', of: ({ p95Ms }) => p95Ms ?? 0 },
  'wait-p50': { kind: 'time', about: 'median wait for the first start', of: ({ waitP50Ms }) => waitP50Ms ?? 0 },
  'wait-p95': { kind: 'time', about: 'wait that 95 of 100 stay under', of: ({ waitP95Ms }) => waitP95Ms ?? 0 },
} as const satisfies Record<string, Figure>;

export type FigureName = keyof typeof FIGURES;
const NAMES = Object.keys(FIGURES) as FigureName[];

const OPERATORS = {
  '<': (a: number, b: number) => a < b,
  '<=': (a: number, b: number) => a <= b,
  '>': (a: number, b: number) => a > b,
  '>=': (a: number, b: number) => a >= b,
  '=': (a: number, b: number) => a === b,
  '!=': (a: number, b: number) => a !== b,
};

const KINDS = {
  number: { expected: "a number such as '1000' or '0.5'", parse: parseNumber, render: renderNumber },
  time: { expected: "a duration such as '500ms' or '60s'", parse: parseDuration, render: renderTime },
  part: { expected: "a part such as '1%' or '0.01'", parse: parsePart, render: (part: number) => renderPart(part) },
};

export interface Condition {
  /** The only queue that it is about; without one, each. */
  queue?: string;
  figure: FigureName;
  operator: keyof typeof OPERATORS;
  value: number;
  /** As it was written. */
  text: string;
}

// A queue may be called anything without a colon.
const CONDITION = /(?:([^\s,:<>=!]+):)?([a-z][a-z0-9-]*)\s*(<=|>=|!=|==?|<|>)\s*([^\s,<>=!]+)(?=[\s,]|$)/iy;
const BETWEEN = /[\s,]*/y;

/**
 * Conditions as people write them: `wait<1000 dlq=0 mail:oldest<60s`.
 * @throws JobQueueError USAGE saying where, and what was expected there
 */
export function parseCheck(text: string): Condition[] {
  const conditions: Condition[] = [];
  for (let at = skip(text, 0); at < text.length; at = skip(text, at)) {
    CONDITION.lastIndex = at;
    const match = CONDITION.exec(text);
    if (!match) {
      const got = text.slice(at).split(/[\s,]/, 1)[0]!;
      fail(`a condition such as 'wait<1000' at character ${at + 1}`, got);
    }
    conditions.push(readCondition(match));
    at += match[0].length;
  }
  if (conditions.length === 0) fail("conditions such as 'wait<1000 dlq=0'", text);
  return conditions;
}

function readCondition([text, queue, given = '', operator = '', raw = '']: RegExpExecArray): Condition {
  const figure = NAMES.find((name) => name === given.toLowerCase());
  if (figure === undefined) fail(`one of ${NAMES.join(', ')}`, given, didYouMean(given, NAMES));
  const { expected, parse } = KINDS[FIGURES[figure].kind];
  const value = parse(raw);
  if (value === undefined) fail(`${expected} after ${figure}${operator}`, raw);
  return {
    ...(queue === undefined ? {} : { queue }),
    figure,
    operator: (operator === '==' ? '=' : operator) as keyof typeof OPERATORS,
    value,
    text,
  };
}

/** A condition that a queue does not meet. */
export interface Failure {
  queue: string;
  condition: string;
  /** What it is instead; null for a drain without an end. */
  value: number | null;
  /** All of it for people. */
  message: string;
}

/** Which conditions are not met, queue by queue. @throws JobQueueError UNKNOWN_QUEUE when one is about a queue that is not there */
export function check(conditions: readonly Condition[], { queues }: Pick<Snapshot, 'queues'>): Failure[] {
  const names = queues.map(({ name }) => name);
  const unknown = conditions.find(({ queue }) => queue !== undefined && !names.includes(queue))?.queue;
  if (unknown !== undefined) {
    throw new JobQueueError('UNKNOWN_QUEUE', `No queue is named "${unknown}"`, { hint: didYouMean(unknown, names) });
  }
  return queues.flatMap((queue) =>
    conditions
      .filter((condition) => condition.queue === undefined || condition.queue === queue.name)
      .flatMap((condition) => failureOf(condition, queue) ?? []),
  );
}

function failureOf({ figure, operator, value, text }: Condition, queue: QueueSummary): Failure | undefined {
  const { kind, of } = FIGURES[figure];
  const found = of(queue);
  if (OPERATORS[operator](found, value)) return undefined;
  const { render } = KINDS[kind];
  return {
    queue: queue.name,
    condition: text,
    value: found === Infinity ? null : found,
    message: `${cleanLine(queue.name)}: ${figure} is ${render(found)}, expected ${operator} ${render(value)}`,
  };
}

function skip(text: string, at: number): number {
  BETWEEN.lastIndex = at;
  BETWEEN.exec(text);
  return BETWEEN.lastIndex;
}

function parseNumber(text: string): number | undefined {
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
}

function parsePart(text: string): number | undefined {
  const part = text.endsWith('%') ? parseNumber(text.slice(0, -1)) : parseNumber(text);
  const value = part === undefined ? undefined : text.endsWith('%') ? part / 100 : part;
  return value !== undefined && value <= 1 ? value : undefined;
}

function renderNumber(value: number): string {
  return String(Number(value.toFixed(2)));
}
function renderTime(ms: number): string {
  return ms === Infinity ? 'without end' : renderApproximateDuration(ms);
}
const renderPart = (part: number): string => `${Number((part * 100).toFixed(2))}%`;

function fail(expected: string, got: string, hint?: string): never {
  throw new JobQueueError('USAGE', `Expected ${expected}, got ${JSON.stringify(got)}`, { hint });
}
