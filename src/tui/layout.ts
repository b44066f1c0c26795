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

/** Rows of a list that are visible at a time. */
export const pageRows = (size: Size): number => Math.max(1, size.rows - HEAD_ROWS - statusRows(size) - 1);

/** Lines of a text that are visible at a time: it has no titles. */
export const textRows = (size: Size): number => pageRows(size) + 1;
