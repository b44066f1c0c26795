import type { FieldName } from './fields.ts';

/** Which jobs are meant: those that fit every term. Frozen, and checked when it was parsed: nothing in it can fail later. */
export interface Filter {
  readonly terms: readonly Term[];
}

/** A job fits when one of the values fits; `negated`, when none does. */
export interface Term {
  readonly field: FieldName;
  /** Where in the JSON the value is; empty for the whole, and for all other fields. */
  readonly path: readonly string[];
  readonly negated: boolean;
  readonly values: readonly Value[];
}

export type Value =
  | { readonly kind: 'text'; readonly text: string }
  /** `*` stands for any characters, `?` for one. */
  | { readonly kind: 'glob'; readonly text: string }
  | { readonly kind: 'pattern'; readonly source: string; readonly anyCase: boolean }
  | { readonly kind: 'number'; readonly operator: Operator; readonly number: number }
  /** Both ends belong to it. */
  | { readonly kind: 'range'; readonly min: number; readonly max: number }
  | { readonly kind: 'time'; readonly ms: number };

export const OPERATORS = ['>=', '<=', '>', '<', '='] as const;
export type Operator = (typeof OPERATORS)[number];

export const createFilter = (terms: readonly Term[]): Filter =>
  Object.freeze({
    terms: Object.freeze(
      terms.map((term) =>
        Object.freeze({
          ...term,
          path: Object.freeze([...term.path]),
          values: Object.freeze(term.values.map((value) => Object.freeze({ ...value }))),
        }),
      ),
    ),
  });

/** What fits every job. */
export const EVERY_JOB = createFilter([]);

export const joinFilters = (...filters: readonly Filter[]): Filter =>
  createFilter(filters.flatMap(({ terms }) => terms));
