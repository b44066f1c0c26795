import type { Snapshot } from '../../src/jobs/snapshot-types.ts';
import type { Page } from '../../src/tui/data/page.ts';
import type { Effect, Event } from '../../src/tui/events.ts';
import { actionFor } from '../../src/tui/bound-keys.ts';
import { listOf } from '../../src/tui/list.ts';
import type { Place } from '../../src/tui/places.ts';
import { reduce } from '../../src/tui/reduce.ts';
import { initialState, type State, viewOf } from '../../src/tui/state.ts';
import { wantedPage } from '../../src/tui/wanted.ts';
import { AT, busySnapshot } from './snapshots.ts';

export const LABEL = 'redis://10.0.0.5:6379/0';

/** A state with data in it. */
export const start = (data: Snapshot = busySnapshot(), [columns, rows] = [80, 24], readOnly = false): State =>
  refresh(
    initialState({
      size: { columns, rows },
      now: AT.getTime(),
      label: LABEL,
      intervalMs: 1000,
      readOnly,
      mouse: false,
    }),
    data,
  );

export const send = (state: State, ...events: Event[]): State =>
  events.reduce((each, event) => reduce(each, event).state, state);

export const refresh = (state: State, data: Snapshot): State =>
  send(state, { type: 'refreshed', snapshot: data, at: data.at.getTime(), everyMs: 1000 });

/** The state at a place, with what was read for it. */
export const at = (state: State, place: Place, page?: Page): State => {
  const there = send(state, { type: 'go', place });
  return page ? read(there, page) : there;
};

/** The state after what it wants was read. */
export const read = (state: State, page: Page): State => {
  const request = wantedPage(state);
  return request ? send(state, { type: 'paged', request, page }) : state;
};

/** The state after keys were pressed, as the session handles them. */
export const press = (state: State, ...keys: string[]): State => pressing(state, ...keys).state;

/** The same with what the session was asked to do. */
export function pressing(state: State, ...keys: string[]): { state: State; effects: Effect[] } {
  const effects: Effect[] = [];
  let next = state;
  for (const key of keys) {
    const action = actionFor(next, key);
    const step = action && reduce(next, action);
    if (step?.effect) effects.push(step.effect);
    next = step?.state ?? next;
  }
  return { state: next, effects };
}

/** The identities of the rows, and the row under the cursor. */
export function rowsOf(state: State): { rows: string[]; cursor: string | undefined } {
  const { screen, rows } = listOf(state);
  return { rows: rows.map((row) => screen.identity(row)), cursor: viewOf(state).cursor };
}
