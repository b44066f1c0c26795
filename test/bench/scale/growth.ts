import type { Place } from './place.ts';

/** Something that gets more, and what it costs: one plot and one table. */
export interface Growth {
  name: string;
  title: string;
  /** What gets more. */
  of: string;
  full: readonly number[];
  short: readonly number[];
  figures: readonly Figure[];
  /** One value for each of the figures, on an empty Redis. `least` is for seeing that it works. */
  measure(place: Place, amount: number, least: boolean): Promise<number[]>;
}

export interface Figure {
  name: string;
  unit: string;
  /** Figures with the same panel are lines of one drawing. */
  panel: string;
}

/** What was measured of one: the amounts, and the values of each figure in their order. */
export interface Grown {
  growth: Growth;
  amounts: number[];
  values: number[][];
}
