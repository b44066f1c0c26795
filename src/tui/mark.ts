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

/** Marks all rows from the one that was marked last to the one under the cursor; without such a one, only this. */
export function markRange(state: State): State {
  const { screen, rows, start, selected } = listOf(state);
  const last = [...viewOf(state).marks.keys()].at(-1);
  const from = rows.findIndex((row) => screen.identity(row) === last);
  if (selected === -1) return state;
  if (last !== undefined && from === -1) {
    const text = 'The last mark is too far away: mark a row nearer by, or a marks all that the filter fits';
    return { ...state, flash: [{ text, tone: 'warning' }] };
  }
  const here = selected - start;
  const range = last === undefined ? [here, here] : [Math.min(from, here), Math.max(from, here)];
  const marks = new Map([...viewOf(state).marks, ...targetsOf(state, rows.slice(range[0], range[1]! + 1))]);
  return withView(state, { marks, all: false });
}

/** Marks every row that the filter fits: on the server, where not all of them are at hand. */
export function markAll(state: State): State {
  const { screen, rows } = listOf(state);
  if (!screen.searched) return withView(state, { marks: new Map(), all: true });
  return withView(state, { marks: new Map(targetsOf(state, rows)), all: false });
}

function targetsOf({ place }: State, rows: readonly unknown[]): [string, Target][] {
  const { target, identity } = screenOf(place);
  return rows.flatMap((row): [string, Target][] => {
    const found = target?.(row, place);
    return found ? [[identity(row), found]] : [];
  });
}

export const unmark = (state: State): State => withView(state, { marks: new Map(), all: false });
