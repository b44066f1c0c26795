import type { Place } from './places.ts';
import { screenOf } from './screens/index.ts';
import { WIDE } from './table.ts';

/** The smallest terminal that the screens fit in. */
export const LEAST = { columns: 60, rows: 15 } as const;

/** Lines above the rows of a list: name, summary, tabs, rule, titles. */
export const HEAD_ROWS = 5;

interface Size {
  columns: number;
  rows: number;
}

export const isTooSmall = ({ columns, rows }: Size): boolean => columns < LEAST.columns || rows < LEAST.rows;

/** Lines between the list and the hints, for the filter, troubles and a lost Redis: always there, so that the list never jumps. */
export const statusRows = ({ rows }: Size): number => (rows < 20 ? 1 : 2);

/** From so many lines on there is room for a panel under a list, so high. */
const PANEL_FROM = 32;
const PANEL_ROWS = 12;

interface Layout {
  size: Size;
  place: Place;
}

/** Lines of the panel about the row under the cursor; 0 where there is none. */
export const panelRows = ({ size: { columns, rows }, place }: Layout): number =>
  columns >= WIDE && rows >= PANEL_FROM && screenOf(place).panel ? PANEL_ROWS : 0;

/** Rows of a list that are visible at a time. */
export const pageRows = (layout: Layout): number =>
  Math.max(1, layout.size.rows - HEAD_ROWS - statusRows(layout.size) - 1 - panelRows(layout));

/** Lines of a text that are visible at a time: it has no titles. */
export const textRows = (layout: Layout): number => pageRows(layout) + 1;
