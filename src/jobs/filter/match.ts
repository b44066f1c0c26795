import type { JobField, JobRecord } from '../../broker/job-record.ts';
import type { Json } from '../../lib/json.ts';
import { JOB_STATES, type JobState, statusOf } from '../job.ts';
import { type FieldName, FIELDS } from './fields.ts';
import type { Filter, Operator, Term, Value } from './filter.ts';
import { compileGlob, compilePattern, type Test } from './pattern.ts';

/** A filter made ready to look at many jobs. */
export interface Matcher {
  /** Every job fits. */
  readonly isEvery: boolean;
  /** What must be read of a job to judge it. */
  readonly reads: readonly JobField[];
  /** States in which a job may fit. */
  readonly states: readonly JobState[];
  /** Of jobs that have ended: when they did at the earliest and at the latest, epoch ms. */
  readonly since: number;
  readonly until: number;
  /** Whether jobs of this queue may fit. */
  admits(queue: string): boolean;
  fits(record: JobRecord, state: JobState): boolean;
}

interface Candidate {
  record: JobRecord;
  state: JobState;
}
type Judge = (candidate: Candidate) => boolean;

/** @param now epoch ms, for what is told by age */
export function createMatcher({ terms }: Filter, now: number): Matcher {
  const judgeAll = (fields: readonly FieldName[] | undefined): Judge => {
    const judges = terms
      .filter(({ field }) => fields === undefined || fields.includes(field))
      .map((term) => judgeOf(term, now));
    return (candidate) => judges.every((judge) => judge(candidate));
  };
  const [byQueue, byState, all] = [judgeAll(['queue']), judgeAll(['state', 'status']), judgeAll(undefined)];
  const times = (field: 'since' | 'until'): number[] =>
    terms.flatMap(({ field: each, negated, values }) =>
      each === field && !negated && values.length === 1 && values[0]!.kind === 'time' ? values[0]!.ms : [],
    );
  return {
    isEvery: terms.length === 0,
    reads: [...new Set(terms.flatMap(({ field }): readonly JobField[] => FIELDS[field].reads))],
    states: JOB_STATES.filter((state) => byState({ state } as Candidate)),
    since: Math.max(-Infinity, ...times('since')),
    until: Math.min(Infinity, ...times('until')),
    admits: (queue) => byQueue({ record: { queue } } as Candidate),
    fits: (record, state) => all({ record, state }),
  };
}

function judgeOf(term: Term, now: number): Judge {
  const judge = judgeValues(term, now);
  return term.negated ? (candidate) => !judge(candidate) : judge;
}

function judgeValues({ field, path, values }: Term, now: number): Judge {
  switch (field) {
    case 'type':
      return onText(values, 'whole', ({ record }) => record.type);
    case 'queue':
      return onText(values, 'whole', ({ record }) => record.queue);
    case 'id':
      return onText(values, 'whole', ({ record }) => record.id);
    case 'batch':
      return onText(values, 'whole', ({ record }) => record.batch);
    case 'state':
      return onText(values, 'whole', ({ state }) => state);
    case 'status':
      return onText(values, 'whole', ({ state }) => statusOf(state));
    case 'error':
      return onText(values, 'part', ({ record }) => record.error);
    case 'text': {
      const test = anyText(values, 'part');
      return ({ record }) =>
        [record.id, record.type, record.error ?? ''].some(test) || test(JSON.stringify(record.payload));
    }
    case 'since':
      return onNumber(values, ({ record }) => momentOf(record), '>=');
    case 'until':
      return onNumber(values, ({ record }) => momentOf(record), '<=');
    case 'age':
      return onNumber(values, ({ record }) => now - record.createdAt);
    case 'ran':
      return onNumber(values, ({ record: { processedAt, finishedAt } }) =>
        processedAt === null || finishedAt === null ? null : finishedAt - processedAt,
      );
    case 'attempts':
      return onNumber(values, ({ record }) => record.attemptsMade);
    case 'priority':
      return onNumber(values, ({ record }) => record.priority);
    case 'replays':
      return onNumber(values, ({ record }) => record.replays);
    case 'progress':
      return onNumber(values, ({ record }) => (typeof record.progress === 'number' ? record.progress : null));
    case 'payload':
      return onJson(values, path, ({ record }) => record.payload);
    case 'result':
      return onJson(values, path, ({ record }) => record.result);
  }
}

const momentOf = ({ finishedAt, createdAt }: JobRecord): number => finishedAt ?? createdAt;

function onText(values: readonly Value[], mode: Mode, read: (candidate: Candidate) => string | null): Judge {
  const test = anyText(values, mode);
  return (candidate) => {
    const text = read(candidate);
    return text !== null && test(text);
  };
}

function onNumber(
  values: readonly Value[],
  read: (candidate: Candidate) => number | null,
  operator: Operator = '=',
): Judge {
  return (candidate) => {
    const number = read(candidate);
    return number !== null && values.some((value) => fitsNumber(value, number, operator));
  };
}

/** With a path the value that stands there, or one of a list of them; without, part of the whole. */
function onJson(values: readonly Value[], path: readonly string[], read: (candidate: Candidate) => Json): Judge {
  const test = anyText(values, path.length === 0 ? 'part' : 'whole');
  const fits = (value: Json): boolean =>
    test(typeof value === 'string' ? value : JSON.stringify(value)) ||
    (typeof value === 'number' && values.some((each) => fitsNumber(each, value, '=')));
  return (candidate) => {
    const value = valueAt(read(candidate), path);
    if (value === undefined) return false;
    return fits(value) || (path.length > 0 && Array.isArray(value) && value.some(fits));
  };
}

function valueAt(whole: Json, path: readonly string[]): Json | undefined {
  let value: Json | undefined = whole;
  for (const step of path) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, step)) return undefined;
    value = (value as { [key: string]: Json })[step];
  }
  return value;
}

/** Whole names as they are written; parts of texts in any case. */
type Mode = 'whole' | 'part';

function anyText(values: readonly Value[], mode: Mode): Test {
  const tests = values.flatMap((value) => testOf(value, mode) ?? []);
  return (text) => tests.some((test) => test(text));
}

function testOf(value: Value, mode: Mode): Test | undefined {
  switch (value.kind) {
    case 'text': {
      if (mode === 'whole') return (text) => text === value.text;
      const part = value.text.toLowerCase();
      return (text) => text.toLowerCase().includes(part);
    }
    case 'glob': {
      if (mode === 'whole') return compileGlob(value.text);
      const test = compileGlob(`*${value.text.toLowerCase()}*`);
      return (text) => test(text.toLowerCase());
    }
    case 'pattern':
      return compilePattern(value);
    default:
      return undefined;
  }
}

/** @param operator that of a value which has none of its own: a time */
function fitsNumber(value: Value, number: number, operator: Operator): boolean {
  if (value.kind === 'range') return number >= value.min && number <= value.max;
  if (value.kind === 'time') return compare(number, operator, value.ms);
  return value.kind === 'number' && compare(number, value.operator, value.number);
}

function compare(number: number, operator: Operator, other: number): boolean {
  switch (operator) {
    case '>':
      return number > other;
    case '>=':
      return number >= other;
    case '<':
      return number < other;
    case '<=':
      return number <= other;
    case '=':
      return number === other;
  }
}
