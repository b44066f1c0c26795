import type { Snapshot } from '../../src/jobs/snapshot-types.ts';
import type { Event } from '../../src/tui/events.ts';
import { actionFor } from '../../src/tui/keys.ts';
import { listOf } from '../../src/tui/list.ts';
import { reduce } from '../../src/tui/reduce.ts';
import { initialState, type State, viewOf } from '../../src/tui/state.ts';
import { AT, busySnapshot } from './snapshots.ts';

export const LABEL = 'redis://10.0.0.5:6379/0';

/** A state with data in it. */
export const start = (data: Snapshot = busySnapshot(), [columns, rows] = [80, 24]): State =>
  refresh(initialState({ size: { columns, rows }, now: AT.getTime(), label: LABEL, intervalMs: 1000 }), data);

export const send = (state: State, ...events: Event[]): State =>
  events.reduce((each, event) => reduce(each, event).state, state);

export const refresh = (state: State, data: Snapshot): State =>
  send(state, { type: 'refreshed', snapshot: data, at: data.at.getTime(), everyMs: 1000 });

/** The state after keys were pressed, as the session handles them. */
export const press = (state: State, ...keys: string[]): State =>
  keys.reduce((each, key) => {
    const action = actionFor(each.focus, key);
    return action ? send(each, action) : each;
  }, state);

/** The identities of the rows, and the row under the cursor. */
export function rowsOf(state: State): { rows: string[]; cursor: string | undefined } {
  const { screen, rows } = listOf(state);
  return { rows: rows.map((row) => screen.identity(row)), cursor: viewOf(state).cursor };
}
