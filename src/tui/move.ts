import { textOf } from './cells.ts';
import { pageRows, textRows } from './layout.ts';
import { listOf } from './list.ts';
import { isText } from './screens/index.ts';
import { type Sort, type State, viewOf, withView } from './state.ts';
import { textOfPlace } from './text.ts';

/** The cursor `by` rows down, or up when negative, no further than the ends; a text is scrolled. */
export function move(state: State, by: number): State {
  if (isText(state.place)) return scroll(state, firstLine(state) + by);
  const { selected } = listOf(state);
  return moveTo(state, Math.max(0, selected === -1 ? viewOf(state).index : selected) + by);
}

/** The cursor on the first or the last row; at its end, a text is followed. */
export function jump(state: State, to: 'first' | 'last'): State {
  const wanted = to === 'first' ? 0 : Infinity;
  return isText(state.place) ? scroll(state, wanted) : moveTo(state, wanted);
}

/** The list narrowed to the rows that fit `filter`. */
export function filterBy(state: State, filter: string): State {
  // What was marked as everything was everything that the filter fitted.
  return settle(withView(state, { filter, all: false }));
}

export const sortBy = (state: State, sort: Sort): State => settle(withView(state, { sort }));

/**
 * The state after its rows changed: the cursor keeps its row wherever that went, or takes the one that is now in its
 * place, and the page moves no more than it must to show it.
 */
export function settle(state: State): State {
  if (isText(state.place)) return state;
  const { screen, selected } = listOf(state);
  const { index } = viewOf(state);
  return moveTo(state, selected === -1 || (screen.follows && index === 0) ? index : selected);
}

/** The first line of a text that is visible. */
export function firstLine(state: State): number {
  return Math.min(viewOf(state).top, lastTop(state));
}

const lastTop = (state: State): number => Math.max(0, textOfPlace(state).length - textRows(state));

function scroll(state: State, wanted: number): State {
  const last = lastTop(state);
  // Whoever is at the end of the log stays there.
  const isFollowed = state.place.screen === 'job' && state.place.tab === 'logs' && wanted >= last;
  return withView(state, { top: isFollowed ? Infinity : Math.max(0, Math.min(wanted, last)) });
}

/** The cursor on the next row that needs attention, among those that are at hand; round at their end. */
export function seek(state: State, by: 1 | -1): State {
  const { screen, rows, start, selected } = listOf(state);
  const here = Math.max(0, selected - start);
  const places = rows.map((_row, step) => (here + (step + 1) * by + rows.length) % rows.length);
  const found = places.find((place) => textOf(screen.flag(rows[place])) !== '');
  if (found !== undefined) return moveTo(state, start + found);
  return { ...state, flash: [{ text: 'No row here needs attention', tone: 'good' }] };
}

/** The cursor on the row that has so many before it, or on the last. */
export function moveTo(state: State, wanted: number): State {
  const { screen, rows, start, count } = listOf(state);
  const view = viewOf(state);
  // Without rows (a filter, a queue just drained) the cursor remembers its row, which may come back.
  if (count === 0) return withView(state, { top: 0 });
  const index = Math.min(Math.max(0, wanted), count - 1);
  const page = pageRows(state);
  const top = Math.min(Math.max(view.top, index - page + 1), index, Math.max(0, count - page));
  // One that is still to be read: whatever comes there will have the cursor.
  const row = rows[index - start];
  return withView(state, { cursor: row === undefined ? undefined : screen.identity(row), index, top });
}
