import { screenOf } from './screens/index.ts';
import type { Screen } from './screens/screen.ts';
import { listed, type State, viewOf } from './state.ts';

/** The rows of the current screen as they stand: filtered and sorted. */
export interface List {
  screen: Screen;
  rows: readonly unknown[];
  /** All rows, also those that the filter hides. */
  total: number;
  /** The row under the cursor, or -1 when there is none. */
  selected: number;
}

export function listOf(state: State): List {
  const screen: Screen = screenOf(state.screen);
  const view = viewOf(state);
  const snapshot = listed(state);
  const all = snapshot ? screen.rows(snapshot) : [];
  const wanted = view.filter.toLowerCase();
  const rows = all
    .filter((row) => wanted === '' || screen.searched(row).toLowerCase().includes(wanted))
    .toSorted(order(screen, view.sort));
  return {
    screen,
    rows,
    total: all.length,
    selected: rows.findIndex((row) => screen.identity(row) === view.cursor),
  };
}

// Rows that are alike keep one order over all refreshes, whatever the order of the data.
function order(screen: Screen, { column, descending }: { column: string; descending: boolean }) {
  const value = screen.columns.find(({ title }) => title === column)?.value;
  return (a: unknown, b: unknown): number => {
    const difference = value ? compare(value(a), value(b)) : 0;
    return difference === 0 ? compare(screen.identity(a), screen.identity(b)) : descending ? -difference : difference;
  };
}

function compare(a: number | string, b: number | string): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a) < String(b) ? -1 : Number(String(a) > String(b));
}
