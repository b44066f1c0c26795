import { JobQueueError } from '../../errors.ts';
import { parseDuration } from '../../lib/duration.ts';
import { didYouMean } from '../../lib/nearest.ts';
import { parseTime } from '../../lib/time.ts';
import { expectedOf, type Field, FIELD_NAMES, type FieldName, FIELDS, isFieldName } from './fields.ts';
import { createFilter, type Filter, type Operator, OPERATORS, type Term, type Value } from './filter.ts';
import { LONGEST_FILTER, LONGEST_PATTERN } from './limits.ts';
import { compilePattern } from './pattern.ts';

// Each reads on from where the last one ended.
const SPACE = /\s*/y;
const FIELD = /([A-Za-z][\w-]*)((?:\.[^\s:.,"]+)*):/y;
const QUOTED = /"((?:\\.|[^"\\])*)"/sy;
const PATTERN = /\/((?:\\.|[^/\\])+)\/(i?)/sy;
const BARE = /[^\s,"]+/y;

const NUMBER = String.raw`-?\d+(?:\.\d+)?(?:e[+-]?\d+)?`;
const DURATION = String.raw`\d+(?:\.\d+)?(?:ms|s|m|h|d|w)?`;

/** A text, and how far it has been read. */
interface Reader {
  readonly text: string;
  at: number;
}

/**
 * A filter as people write it: `type:send-* !queue:mail attempts:>3 error:"timed out"`.
 * @throws JobQueueError USAGE saying where, and what was expected there
 */
export function parseFilter(text: string): Filter {
  const reader: Reader = { text, at: 0 };
  if (text.length > LONGEST_FILTER) {
    throw new JobQueueError('USAGE', `Expected a filter of at most ${LONGEST_FILTER} characters, got ${text.length}`);
  }
  const terms: Term[] = [];
  for (skip(reader); reader.at < text.length; skip(reader)) terms.push(readTerm(reader));
  return createFilter(terms);
}

/** One term whose field is known: the value of a flag. @throws JobQueueError USAGE */
export function parseTerm(field: FieldName, text: string): Term {
  const reader: Reader = { text, at: 0 };
  const negated = take(reader, /!/y) !== null;
  // The shell has its own quotes: a text may hold spaces and commas as they are.
  if (FIELDS[field].kind === 'text' && !/^(".*"|\/.*\/i?)$/s.test(text.slice(reader.at))) {
    const raw: Raw = { form: 'bare', text: text.slice(reader.at), at: reader.at };
    return createFilter([{ field, path: [], negated, values: [valueOf(reader, field, raw)] }]).terms[0]!;
  }
  const values = readValues(reader, field);
  if (reader.at < text.length) fail(reader, reader.at, 'a comma or the end');
  return createFilter([{ field, path: [], negated, values }]).terms[0]!;
}

function readTerm(reader: Reader): Term {
  const negated = take(reader, /!/y) !== null;
  const start = reader.at;
  const [, name = 'text', steps = ''] = take(reader, FIELD) ?? [];
  if (!isFieldName(name))
    fail(reader, start, `one of the fields ${FIELD_NAMES.join(', ')}`, { got: name, near: FIELD_NAMES, quote: true });
  if (steps !== '' && FIELDS[name].kind !== 'json')
    fail(reader, start, `${name} without a path`, { got: name + steps });
  const values = readValues(reader, name);
  if (reader.at < reader.text.length && !/\s/.test(reader.text[reader.at]!))
    fail(reader, reader.at, 'a space, a comma or the end');
  return { field: name, path: steps.split('.').slice(1), negated, values };
}

/** Values with commas between them. */
function readValues(reader: Reader, field: FieldName): Value[] {
  const values: Value[] = [];
  do {
    values.push(valueOf(reader, field, readRaw(reader, field)));
  } while (take(reader, /,/y));
  return values;
}

/** A value as it is written, before its field says what it means. */
interface Raw {
  form: 'quoted' | 'pattern' | 'bare';
  text: string;
  anyCase?: boolean;
  at: number;
}

function readRaw(reader: Reader, field: FieldName): Raw {
  const { at } = reader;
  const quoted = take(reader, QUOTED);
  if (quoted) return { form: 'quoted', text: quoted[1]!.replace(/\\(.)/gs, '$1'), at };
  const pattern = take(reader, PATTERN);
  if (pattern) return { form: 'pattern', text: pattern[1]!, anyCase: pattern[2] === 'i', at };
  if (reader.text[at] === '"') fail(reader, at, 'a closing quote', { got: reader.text.slice(at) });
  const bare = take(reader, BARE);
  return bare ? { form: 'bare', text: bare[0], at } : fail(reader, at, expectedOf(field));
}

function valueOf(reader: Reader, field: FieldName, raw: Raw): Value {
  const { kind, words = [] }: Field = FIELDS[field];
  const value = raw.form === 'pattern' ? patternOf(reader, field, raw) : readAs(kind, words, raw);
  return value ?? fail(reader, raw.at, expectedOf(field), { got: raw.text, near: words });
}

function readAs(kind: Field['kind'], words: readonly string[], { form, text }: Raw): Value | undefined {
  const literal = form === 'quoted';
  switch (kind) {
    case 'word':
      return words.includes(text) ? { kind: 'text', text } : undefined;
    case 'time': {
      const ms = parseTime(text, 'ago');
      return ms === undefined ? undefined : { kind: 'time', ms };
    }
    case 'number':
      return amountOf(text, NUMBER, Number);
    case 'duration':
      return amountOf(text, DURATION, parseDuration);
    case 'json': {
      const amount = literal || !/^[<>=]|\.\./.test(text) ? undefined : amountOf(text, NUMBER, Number);
      // What begins like a comparison and is none would else be a text that nobody meant.
      if (!literal && !amount && /^[<>=]/.test(text)) return undefined;
      return amount ?? textOf(text, literal);
    }
    case 'name':
    case 'text':
      return textOf(text, literal);
  }
}

const textOf = (text: string, literal: boolean): Value =>
  !literal && /[*?]/.test(text) ? { kind: 'glob', text } : { kind: 'text', text };

/** `3`, `>3`, `2..5` in whatever unit. */
function amountOf(text: string, unit: string, read: (text: string) => number | undefined): Value | undefined {
  const number = (part: string | undefined): number | undefined => {
    const value = part === undefined ? undefined : read(part);
    // Not -0, which is written as 0.
    return value === undefined || !Number.isFinite(value) ? undefined : value + 0;
  };
  const [, from, to] = new RegExp(`^(${unit})\\.\\.(${unit})$`).exec(text) ?? [];
  const [min, max] = [number(from), number(to)];
  if (min !== undefined && max !== undefined) return min <= max ? { kind: 'range', min, max } : undefined;
  const [, operator = '', amount] = new RegExp(`^(${OPERATORS.join('|')})?(${unit})$`).exec(text) ?? [];
  const only = number(amount);
  return only === undefined ? undefined : { kind: 'number', operator: (operator || '=') as Operator, number: only };
}

function patternOf(reader: Reader, field: FieldName, { text, anyCase = false, at }: Raw): Value | undefined {
  if (!['name', 'text', 'json'].includes(FIELDS[field].kind)) return undefined;
  const value = { kind: 'pattern', source: text, anyCase } as const;
  if (text.length > LONGEST_PATTERN)
    fail(reader, at, `a pattern of at most ${LONGEST_PATTERN} characters`, { got: `${text.length}` });
  try {
    compilePattern(value);
  } catch (error) {
    fail(reader, at, `a pattern in the syntax of RE2 (${(error as Error).message})`, { got: `/${text}/` });
  }
  return value;
}

const skip = (reader: Reader): void => void take(reader, SPACE);

function take(reader: Reader, token: RegExp): RegExpExecArray | null {
  token.lastIndex = reader.at;
  const found = token.exec(reader.text);
  if (found) reader.at = token.lastIndex;
  return found;
}

interface Failure {
  got?: string;
  near?: readonly string[];
  /** It may have been meant as a text. */
  quote?: boolean;
}

function fail({ text }: Reader, at: number, expected: string, { got, near = [], quote }: Failure = {}): never {
  const instead = got ?? (at < text.length ? text[at]! : 'the end');
  const help =
    (got === undefined ? undefined : didYouMean(got, near)) ??
    (quote ? 'To look for it as a text, put it in double quotes' : undefined);
  const spot = `  ${text.slice(Math.max(0, at - 30), at + 40)}\n  ${' '.repeat(Math.min(at, 30))}^`;
  throw new JobQueueError(
    'USAGE',
    `In the filter, column ${at + 1}: expected ${expected}, got ${instead === 'the end' ? instead : JSON.stringify(instead)}`,
    { hint: [spot, help].filter(Boolean).join('\n'), details: { column: at + 1, expected } },
  );
}
