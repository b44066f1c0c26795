import { medianOf, quantileOf } from './statistics.ts';

/** One figure of ours, a value for each round. */
export interface Row {
  figure: string;
  unit: string;
  ours: readonly number[];
  /** What it is held against in the same rounds; without it the target is one of our value itself. */
  bare?: { name: string; values: readonly number[] };
  /** What the ratio of ours to bare, or our value, has to be. */
  target?: { atLeast: number } | { atMost: number };
}

/** Ours to bare, round by round; of a row without bare, our values. */
export const ratiosOf = ({ ours, bare }: Row): number[] =>
  ours.map((value, round) => (bare ? value / bare.values[round]! : value));

export function verdictOf(row: Row): 'met' | 'not met' | '' {
  if (!row.target) return '';
  const median = medianOf(ratiosOf(row));
  return ('atLeast' in row.target ? median >= row.target.atLeast : median <= row.target.atMost) ? 'met' : 'not met';
}

/** A quarter of the rounds lies below the first, a quarter above the second. */
export const spreadOf = (all: readonly number[]): [number, number] => [quantileOf(all, 0.25), quantileOf(all, 0.75)];
