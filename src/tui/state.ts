import type { Snapshot } from '../jobs/snapshot-types.ts';
import { SCREENS, type ScreenId } from './screens/index.ts';

/** What one list looks like at the moment. Each screen has its own, so that turning away and back changes nothing. */
export interface View {
  /** Identity of the row under the cursor, never a row number: rows move with every refresh. */
  cursor: string | undefined;
  /** Where that row was last seen: the cursor lands there when the row is gone. */
  index: number;
  /** The first row on the page. */
  top: number;
  filter: string;
  sort: { column: string; descending: boolean };
}

export type Connection =
  | { is: 'connecting' }
  /** `everyMs` is the pace kept, which is slower than the one asked for when Redis is slow. */
  | { is: 'live'; everyMs: number }
  | { is: 'lost'; since: number; reason: string; retries: number; retryAt: number };

/** Everything that the picture depends on. Times are milliseconds since the epoch. */
export interface State {
  size: { columns: number; rows: number };
  now: number;
  /** Which Redis is shown, for people. */
  label: string;
  connection: Connection;
  /** The latest data; kept while Redis is away. */
  snapshot: Snapshot | undefined;
  /** The data that the lists stand still at. */
  frozen: Snapshot | undefined;
  intervalMs: number;
  screen: ScreenId;
  views: Record<ScreenId, View>;
  /** What has the keys. */
  focus: 'list' | 'filter' | 'help';
}

export function initialState(start: Pick<State, 'size' | 'now' | 'label' | 'intervalMs'>): State {
  const views = SCREENS.map((screen) => [
    screen.id,
    { cursor: undefined, index: 0, top: 0, filter: '', sort: screen.sort },
  ]);
  return {
    ...start,
    connection: { is: 'connecting' },
    snapshot: undefined,
    frozen: undefined,
    screen: SCREENS[0]!.id,
    views: Object.fromEntries(views) as Record<ScreenId, View>,
    focus: 'list',
  };
}

/** The data that the lists show. */
export const listed = (state: State): Snapshot | undefined => state.frozen ?? state.snapshot;

export const viewOf = (state: State): View => state.views[state.screen];
