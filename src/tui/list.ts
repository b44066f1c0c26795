import { screenOf } from './screens/index.ts';
import type { Screen } from './screens/screen.ts';
import type { Column } from './table.ts';
import { listed, pageOf, type Sort, type State, viewOf } from './state.ts';

/** The rows of the current place as they stand: filtered and sorted. */
export interface List {
  screen: Screen;
  /** Those that are at hand: all, or a part of them that begins at `start`. */
  rows: readonly unknown[];
  start: number;
  /** How many the cursor can go over. */
  count: number;
  /** How many there are, also those that the filter hides; null when nobody counted. */
  total: number | null;
  /** The place of the row under the cursor among all, or -1 when it is not at hand. */
  selected: number;
}

export function listOf(state: State): List {
  const screen = screenOf(state.place);
  const view = viewOf(state);
  const snapshot = listed(state);
  const page = pageOf(state);
  const isAtCursor = (row: unknown): boolean => screen.identity(row) === view.cursor;
  if (!screen.rows && page && !page.whole) {
    const { rows, start, count, total } = page;
    const found = rows.findIndex(isAtCursor);
    return { screen, rows, start, count, total, selected: found === -1 ? -1 : start + found };
  }
  const all = screen.rows ? (snapshot ? screen.rows(snapshot) : []) : (page?.rows ?? []);
  const words = screen.searched ? view.filter.toLowerCase().trim().split(/\s+/) : [];
  const rows = all
    .filter((row) => words.every((word) => word === '' || hasWord(screen, row, word)))
    .toSorted(order(state, screen, view.sort));
  const total = screen.searched || !page ? all.length : page.total;
  return { screen, rows, start: 0, count: rows.length, total, selected: rows.findIndex(isAtCursor) };
}

function hasWord({ searched, tags }: Screen, row: unknown, word: string): boolean {
  const isTag = tags !== undefined && word.includes(':');
  return isTag ? tags(row).some((tag) => tag.startsWith(word)) : searched!(row).toLowerCase().includes(word);
}

/** The columns of the current place. */
export const columnsHere = (state: State): readonly Column[] => screenOf(state.place).columns(state.place, state);

/** The row under the cursor. */
export function rowAtCursor(state: State): unknown {
  const { rows, start, selected } = listOf(state);
  return selected === -1 ? undefined : rows[selected - start];
}

// Rows that are alike keep one order over all refreshes, whatever the order of the data.
function order(state: State, screen: Screen, { column, descending }: Sort) {
  const value = columnsHere(state).find(({ title }) => title === column)?.value;
  return (a: unknown, b: unknown): number => {
    const difference = value ? compare(value(a), value(b)) : 0;
    return difference === 0 ? compare(screen.identity(a), screen.identity(b)) : descending ? -difference : difference;
  };
}

function compare(a: number | string, b: number | string): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a) < String(b) ? -1 : Number(String(a) > String(b));
}
