import { type ParseError, parse } from 'jsonc-parser';

// jsonc-parser's ParseErrorCode, which is a const enum.
const REASONS: Record<number, string> = {
  1: 'unexpected symbol',
  2: 'malformed number',
  3: 'expected a property name in double quotes',
  4: 'expected a value',
  5: 'expected a colon',
  6: 'expected a comma',
  7: 'expected a closing brace',
  8: 'expected a closing bracket',
  9: 'expected the end of the text',
  10: 'comments are not JSON',
  12: 'unterminated string',
  13: 'malformed number',
  14: 'malformed unicode escape',
  15: 'malformed escape',
  16: 'control character in a string',
};

/** Where and why a text is not JSON. `line` and `column` count from 1. */
export interface JsonFault {
  line: number;
  column: number;
  reason: string;
}

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** What is no object as one without fields: anybody may have written it. */
export const asObject = (value: Json | undefined): { [key: string]: Json | undefined } =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {};

/** The value of a JSON text, or where it breaks. Prototype keys (`__proto__`) stay plain data. */
export function parseJson(text: string): { value: Json } | { fault: JsonFault } {
  try {
    return { value: JSON.parse(text) as Json };
  } catch {
    return { fault: locate(text) };
  }
}

/**
 * The same for a JSON text that is known to be one, which JSON.stringify then writes as it was: integers that are too
 * large for a number of JavaScript stay what they are.
 */
export const parseExactJson = (text: string): Json =>
  JSON.parse(text, (_key, value: Json, { source }: { source?: string } = {}) =>
    typeof value === 'number' && source !== undefined && /^-?\d{16,}$/.test(source) && String(value) !== source
      ? rawJson(source)
      : value,
  ) as Json;

// Newer than TypeScript's own list of what JSON can do.
const rawJson = (source: string): Json => (JSON as unknown as { rawJSON(text: string): Json }).rawJSON(source);

// V8 names no position for most short texts; a second, slower parser says where the first one stopped.
function locate(text: string): JsonFault {
  const faults: ParseError[] = [];
  try {
    parse(text, faults, { disallowComments: true, allowTrailingComma: false });
  } catch {
    // It calls itself for each level, where JSON.parse does not.
    return { line: 1, column: 1, reason: 'it breaks somewhere, and is nested too deeply to say where' };
  }
  const { error, offset } = faults[0] ?? { error: 0, offset: text.length };
  const before = text.slice(0, offset).split('\n');
  const reason = text.trim() === '' ? 'it is empty' : (REASONS[error] ?? 'unexpected text');
  return { line: before.length, column: before.at(-1)!.length + 1, reason };
}

/** JSON with the keys of every object in order, so that equal values have equal texts. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    each !== null && typeof each === 'object' && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}
