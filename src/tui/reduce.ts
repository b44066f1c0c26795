import type { Effect, Event } from './events.ts';
import { pageRows } from './layout.ts';
import { filterBy, jump, move, settle, sortBy } from './move.ts';
import { SCREENS, screenOf } from './screens/index.ts';
import { type State, viewOf } from './state.ts';
import { placeColumns } from './table.ts';

/** How often people may want to look, in milliseconds. */
export const PACES = [250, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000] as const;

export interface Step {
  state: State;
  /** What the session has to do now. */
  effect?: Effect;
}

/** The next state; pure. */
export function reduce(state: State, event: Event): Step {
  switch (event.type) {
    case 'move':
      return { state: move(state, event.by) };
    case 'page':
      return { state: move(state, event.by * pageRows(state.size)) };
    case 'jump':
      return { state: jump(state, event.to) };
    case 'show':
      return { state: settle({ ...state, screen: event.screen }) };
    case 'turn':
      return { state: settle({ ...state, screen: neighbour(state, event.by) }) };
    case 'sort':
      return { state: sortBy(state, nextColumn(state), true) };
    case 'reverse': {
      const { column, descending } = viewOf(state).sort;
      return { state: sortBy(state, column, !descending) };
    }
    case 'freeze':
      return { state: settle({ ...state, frozen: state.frozen ? undefined : state.snapshot }) };
    case 'pace': {
      const intervalMs = nextPace(state.intervalMs, event.by);
      return intervalMs === state.intervalMs
        ? { state }
        : { state: { ...state, intervalMs }, effect: { type: 'refresh' } };
    }
    case 'focus':
      return { state: { ...state, focus: event.on } };
    case 'typed':
      return { state: filterBy(state, viewOf(state).filter + event.text) };
    case 'erase':
      return { state: filterBy(state, event.what === 'all' ? '' : [...viewOf(state).filter].slice(0, -1).join('')) };
    case 'unfilter':
      return { state: { ...filterBy(state, ''), focus: 'list' } };
    case 'refresh':
    case 'redraw':
    case 'suspend':
    case 'quit':
    case 'interrupt':
      return { state, effect: event };
    case 'refreshed':
      return { state: settle(refreshed(state, event)) };
    case 'missed':
      return { state: missed(state, event) };
    case 'ticked':
      return { state: { ...state, now: event.at } };
    case 'resized':
      return { state: settle({ ...state, size: { columns: event.columns, rows: event.rows } }) };
  }
}

function refreshed(state: State, { snapshot, at, everyMs }: Event & { type: 'refreshed' }): State {
  return { ...state, snapshot, now: at, connection: { is: 'live', everyMs } };
}

function missed(state: State, { reason, at, retryAt }: Event & { type: 'missed' }): State {
  const before = state.connection;
  const [since, retries] = before.is === 'lost' ? [before.since, before.retries + 1] : [at, 1];
  return { ...state, now: at, connection: { is: 'lost', since, reason, retries, retryAt } };
}

function neighbour(state: State, by: 1 | -1) {
  const index = SCREENS.findIndex(({ id }) => id === state.screen);
  return SCREENS[(index + by + SCREENS.length) % SCREENS.length]!.id;
}

/** The next column on screen that rows can be sorted by. */
function nextColumn(state: State): string {
  const titles = placeColumns(screenOf(state.screen).columns, state.size.columns)
    .filter(({ column }) => column.value)
    .map(({ column }) => column.title);
  return titles[(titles.indexOf(viewOf(state).sort.column) + 1) % titles.length]!;
}

function nextPace(ms: number, by: 1 | -1): number {
  return (by > 0 ? PACES.find((pace) => pace > ms) : PACES.findLast((pace) => pace < ms)) ?? ms;
}
