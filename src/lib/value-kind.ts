import { type Duration, parseDuration, renderDuration } from './duration.ts';
import { parseSize, renderExactSize, type Size } from './size.ts';

/**
 * A kind of value: what people may write (`Input`, as data or as text from a flag or the environment)
 * and what the program works with (`Output`).
 */
export interface ValueKind<Input, Output> {
  /** How an error names it: `an integer ≥ 1`. */
  expected: string;
  /** The value, or `undefined` when `raw` is not of this kind. */
  parse(raw: unknown): Output | undefined;
  /** The value as people write it. */
  render(value: Output): string;
  /** Only for its type. */
  readonly input?: Input;
}

const numberOf = (raw: unknown): unknown =>
  typeof raw === 'string' && raw.trim() !== '' && Number.isFinite(Number(raw)) ? Number(raw) : raw;

export const integer = ({
  min,
  max = Number.MAX_SAFE_INTEGER,
}: {
  min: number;
  max?: number;
}): ValueKind<number, number> => ({
  expected: max === Number.MAX_SAFE_INTEGER ? `an integer ≥ ${min}` : `an integer from ${min} to ${max}`,
  parse(raw) {
    const value = numberOf(raw);
    return Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max
      ? (value as number)
      : undefined;
  },
  render: String,
});

export const fraction: ValueKind<number, number> = {
  expected: 'a number from 0 to 1',
  parse(raw) {
    const value = numberOf(raw);
    return typeof value === 'number' && value >= 0 && value <= 1 ? value : undefined;
  },
  render: String,
};

export const boolean: ValueKind<boolean, boolean> = {
  expected: 'true or false',
  parse(raw) {
    if (typeof raw === 'boolean') return raw;
    if (raw === 'true' || raw === '1') return true;
    return raw === 'false' || raw === '0' ? false : undefined;
  },
  render: String,
};

export const text = (expected = 'a text', pattern = /./s): ValueKind<string, string> => ({
  expected,
  parse: (raw) => (typeof raw === 'string' && pattern.test(raw) ? raw : undefined),
  render: String,
});

export const oneOf = <const Word extends string>(...words: Word[]): ValueKind<Word, Word> => ({
  expected: `one of ${words.join(', ')}`,
  parse: (raw) => words.find((word) => word === raw),
  render: String,
});

/** A list of texts; as one text, separated by commas. */
export const list = (
  expected: string,
  pattern: { test(item: string): boolean },
): ValueKind<readonly string[], readonly string[]> => ({
  expected,
  parse(raw) {
    const items = typeof raw === 'string' ? raw.split(',').map((item) => item.trim()) : raw;
    const fits =
      Array.isArray(items) && items.length > 0 && items.every((item) => typeof item === 'string' && pattern.test(item));
    return fits ? (items as string[]) : undefined;
  },
  render: (items) => items.join(','),
});

/** A length of time, in the program a number of milliseconds. */
export const duration: ValueKind<Duration, number> = {
  expected: "a duration such as '250ms', '5s', '10m', '24h', '7d'",
  parse: (raw) => parseDuration(raw),
  render: renderDuration,
};

/** The same, but not nothing. */
export const span: ValueKind<Duration, number> = {
  ...duration,
  expected: "a duration above 0 such as '250ms', '5s', '10m', '24h', '7d'",
  parse: (raw) => parseDuration(raw) || undefined,
};

/** A number of bytes. */
export const size: ValueKind<Size, number> = {
  expected: "a size such as '256kb' or '1mb'",
  // No size at all is nothing that anybody wants to limit something to.
  parse: (raw) => parseSize(raw) || undefined,
  render: renderExactSize,
};
