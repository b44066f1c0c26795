import { listOf, rowAtCursor } from './list.ts';
import { move } from './move.ts';
import { screenOf } from './screens/index.ts';
import { type State, viewOf, withView } from './state.ts';
import type { Target } from './actions/target.ts';

/** Marks the row under the cursor, or takes its mark away, and goes on to the next. */
export function mark(state: State): State {
  const row = rowAtCursor(state);
  const target = row === undefined ? undefined : screenOf(state.place).target?.(row, state.place);
  if (!target) return state;
  const key = screenOf(state.place).identity(row);
  const marks = new Map(viewOf(state).marks);
  if (!marks.delete(key)) marks.set(key, target);
  return move(withView(state, { marks, all: false }), 1);
}

/** Marks every row that the filter fits: on the server, where not all of them are at hand. */
export function markAll(state: State): State {
  const { screen, rows } = listOf(state);
  if (!screen.searched) return withView(state, { marks: new Map(), all: true });
  const targets = rows.flatMap((row): [string, Target][] => {
    const target = screen.target?.(row, state.place);
    return target ? [[screen.identity(row), target]] : [];
  });
  return withView(state, { marks: new Map(targets), all: false });
}

export const unmark = (state: State): State => withView(state, { marks: new Map(), all: false });
