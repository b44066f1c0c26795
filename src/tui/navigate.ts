import { columnsHere, rowAtCursor } from './list.ts';
import { unmark } from './mark.ts';
import { filterBy, settle } from './move.ts';
import { type Place, ROOTS } from './places.ts';
import { screenOf } from './screens/index.ts';
import { listed, pageOf, type State, viewOf } from './state.ts';
import { placeColumns } from './table.ts';

/** What was unmasked of one job is no reason to show it of another. */
const COVERED = { unmasked: false, unfolded: false } as const;

/** To a screen of the tabs, at its beginning. */
export const show = (state: State, place: Place): State => settle({ ...state, ...COVERED, place, trail: [] });

/** Further in; Escape leads back. */
export const go = (state: State, place: Place): State =>
  settle({ ...state, ...COVERED, place, trail: [state.place, ...state.trail] });

/** One step out: the filter, then the marks, then the place. */
export function back(state: State): State {
  const { filter, marks, all } = viewOf(state);
  if (filter !== '') return filterBy(state, '');
  if (marks.size > 0 || all) return unmark(state);
  const [place, ...trail] = state.trail;
  return place ? settle({ ...state, ...COVERED, place, trail }) : state;
}

/** From a queue, or from groups, to what else there is about it. */
export function beside(state: State, what: 'letters' | 'events' | 'types'): State {
  const { place } = state;
  const queue = place.screen === 'queues' ? screenOf(place).target?.(rowAtCursor(state) ?? {}, place) : undefined;
  const name = queue?.kind === 'queue' ? queue.name : 'queue' in place ? place.queue : undefined;
  const about = name === undefined ? {} : { queue: name };
  if (what !== 'letters') return go(state, { screen: what, ...about });
  return go(
    state,
    place.screen === 'queues' ? { screen: 'groups', ...about } : { screen: 'jobs', state: 'failed', ...about },
  );
}

/** The next tab of the place, or the next screen. */
export function turn(state: State, by: 1 | -1): State {
  const { place } = state;
  const snapshot = listed(state);
  const tabs = snapshot && screenOf(place).tabs?.({ snapshot, page: pageOf(state) }, place);
  if (tabs) {
    const current = tabs.findIndex((tab) => tab.current);
    return settle({ ...state, place: tabs[(current + by + tabs.length) % tabs.length]!.place });
  }
  const here = ROOTS.findIndex(({ screen }) => screen === place.screen);
  return show(state, ROOTS[(here + by + ROOTS.length) % ROOTS.length]!);
}

/** The next column on screen that rows can be sorted by. */
export function nextSort(state: State): string {
  const titles = placeColumns(columnsHere(state), state.size.columns)
    .filter(({ column }) => column.value)
    .map(({ column }) => column.title);
  return titles[(titles.indexOf(viewOf(state).sort.column) + 1) % titles.length]!;
}
