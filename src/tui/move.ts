import { pageRows } from './layout.ts';
import { listOf } from './list.ts';
import { type State, type View, viewOf } from './state.ts';

/** The cursor `by` rows down, or up when negative, no further than the ends. */
export function move(state: State, by: number): State {
  return select(state, Math.max(0, listOf(state).selected) + by);
}

/** The cursor on the first or the last row. */
export function jump(state: State, to: 'first' | 'last'): State {
  return select(state, to === 'first' ? 0 : Infinity);
}

/** The list narrowed to the rows that contain `filter`. */
export function filterBy(state: State, filter: string): State {
  return settle(withView(state, { filter }));
}

export function sortBy(state: State, column: string, descending: boolean): State {
  return settle(withView(state, { sort: { column, descending } }));
}

/**
 * The state after its rows changed: the cursor keeps its row wherever that went, or takes the one that is now in its
 * place, and the page moves no more than it must to show it.
 */
export function settle(state: State): State {
  const { selected } = listOf(state);
  return select(state, selected === -1 ? viewOf(state).index : selected);
}

function select(state: State, wanted: number): State {
  const { screen, rows } = listOf(state);
  const view = viewOf(state);
  // Without rows (a filter, a queue just drained) the cursor remembers its row, which may come back.
  if (rows.length === 0) return withView(state, { top: 0 });
  const index = Math.min(Math.max(0, wanted), rows.length - 1);
  const page = pageRows(state.size);
  const top = Math.min(Math.max(view.top, index - page + 1), index, Math.max(0, rows.length - page));
  return withView(state, { cursor: screen.identity(rows[index]), index, top });
}

function withView(state: State, changes: Partial<View>): State {
  return { ...state, views: { ...state.views, [state.screen]: { ...viewOf(state), ...changes } } };
}
