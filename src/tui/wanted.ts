import type { PageRequest } from './data/page.ts';
import { isTooSmall, pageRows } from './layout.ts';
import { naturalOrder } from './screens/job-columns.ts';
import { screenOf } from './screens/index.ts';
import { type State, viewOf } from './state.ts';

/** Rows around the visible ones that are read with them, so that a key need not wait; a window begins at a multiple of it. */
const MARGIN = 10;

/** What has to be read for the place; undefined when the snapshot has it all, or nothing of it is to be seen. */
export function wantedPage(state: State): PageRequest | undefined {
  const { place, size, question, connection } = state;
  // What a question is about stands still.
  if (question || connection.is === 'connecting' || isTooSmall(size)) return undefined;
  if (screenOf(place).rows) return undefined;
  const { filter, sort, wide, top } = viewOf(state);
  // What the screen itself filters and sorts is not read anew for it.
  const isFiltered = screenOf(place).searched === undefined;
  const isWindow = place.screen === 'jobs' && filter.trim() === '' && naturalOrder(place.state, sort) !== undefined;
  const from = Number.isFinite(top) ? Math.floor(top / MARGIN) * MARGIN : 0;
  return {
    // All pages of a job are read at once.
    place: place.screen === 'job' ? { ...place, tab: 'overview' } : place,
    filter: isFiltered ? filter : '',
    sort: place.screen === 'jobs' && (isWindow || filter.trim() === '') ? sort : { column: '', descending: false },
    wide,
    start: isWindow ? Math.max(0, from - MARGIN) : 0,
    amount: isWindow ? pageRows(state) + 3 * MARGIN : 0,
  };
}
