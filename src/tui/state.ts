import type { Snapshot } from '../jobs/snapshot-types.ts';
import type { Order, Run, RunFailure } from './actions/order.ts';
import type { Target } from './actions/target.ts';
import type { Cell } from './cells.ts';
import type { Page } from './data/page.ts';
import { keyOf, type Place, ROOTS, subjectOf } from './places.ts';
import { screenOf } from './screens/index.ts';

/** What one list looks like at the moment. Each place has its own, so that turning away and back changes nothing. */
export interface View {
  /** Identity of the row under the cursor, never a row number: rows move with every refresh. */
  cursor: string | undefined;
  /** Where that row was last seen: the cursor lands there when the row is gone. */
  index: number;
  /** The first row on the page; of a text, Infinity follows its end. */
  top: number;
  filter: string;
  sort: Sort;
  /** The rows that are marked, by their identity. */
  marks: ReadonlyMap<string, Target>;
  /** Everything that the filter fits is marked, also what is not on screen. */
  all: boolean;
  /** Looks at all there is, however long it takes. */
  wide: boolean;
}

/** How long attempts ran, or how long jobs waited for their first start. */
export type Timing = 'run' | 'wait';

export interface Sort {
  column: string;
  descending: boolean;
}

export type Connection =
  | { is: 'connecting' }
  /** `everyMs` is the pace kept, which is slower than the one asked for when Redis is slow. */
  | { is: 'live'; everyMs: number }
  | { is: 'lost'; since: number; reason: string; retries: number; retryAt: number };

/** A question that waits for its answer. What it is about stands still behind it. */
export interface Question {
  order: Order;
  /** Undefined while it is being counted. */
  counted: { total: number; byQueue: Record<string, number>; samples: readonly string[] } | undefined;
  looked: number;
  typed: string;
  /** What was typed is not what is wanted. */
  isWrong: boolean;
  /** The lists stood still before it was asked. */
  wasFrozen: boolean;
}

/** What has the keys. */
export type Focus = 'list' | 'filter' | 'help' | 'palette' | 'question' | 'failures';

/** Everything that the picture depends on. Times are milliseconds since the epoch. */
export interface State {
  size: { columns: number; rows: number };
  now: number;
  /** Which Redis is shown, for people. */
  label: string;
  /** Nothing can be changed from here. */
  readOnly: boolean;
  /** The mouse is taken from the terminal. */
  mouse: boolean;
  connection: Connection;
  /** The latest data; kept while Redis is away. */
  snapshot: Snapshot | undefined;
  /** The data that the lists stand still at. */
  frozen: Snapshot | undefined;
  /** What was read for the places that need more than the snapshot, by place. */
  pages: Record<string, Page>;
  intervalMs: number;
  /** Which time the columns of p50 and p95 tell. */
  timing: Timing;
  /** Queues are shown as bars of their states. */
  bars: boolean;
  place: Place;
  /** Where Escape leads back to, the last one first. */
  trail: readonly Place[];
  views: Record<string, View>;
  focus: Focus;
  /** Of the job that is shown: secrets and the stack frames of packages are visible. */
  unmasked: boolean;
  unfolded: boolean;
  /** The first line that is shown of a help screen or a list of failures. */
  scrolled: number;
  question: Question | undefined;
  palette: { text: string; index: number };
  runs: readonly Run[];
  failures: readonly RunFailure[];
  /** What the last key or run has to say; gone with the next key. */
  flash: readonly Cell[];
}

export type Start = Pick<State, 'size' | 'now' | 'label' | 'intervalMs' | 'readOnly' | 'mouse'>;

export const initialState = (start: Start): State => ({
  ...start,
  connection: { is: 'connecting' },
  snapshot: undefined,
  frozen: undefined,
  pages: {},
  timing: 'run',
  bars: false,
  place: ROOTS[0],
  trail: [],
  views: {},
  focus: 'list',
  unmasked: false,
  unfolded: false,
  scrolled: 0,
  question: undefined,
  palette: { text: '', index: 0 },
  runs: [],
  failures: [],
  flash: [],
});

/** The data that the lists show. */
export const listed = (state: State): Snapshot | undefined => state.frozen ?? state.snapshot;

export const pageOf = (state: State): Page | undefined => state.pages[subjectOf(state.place)];

export const viewOf = (state: State): View => state.views[keyOf(state.place)] ?? freshView(state.place);

const freshView = (place: Place): View => ({
  cursor: undefined,
  index: 0,
  top: place.screen === 'job' && place.tab === 'logs' ? Infinity : 0,
  filter: '',
  sort: screenOf(place).firstSort(place),
  marks: new Map(),
  all: false,
  wide: false,
});

export const withView = (state: State, changes: Partial<View>): State => ({
  ...state,
  views: { ...state.views, [keyOf(state.place)]: { ...viewOf(state), ...changes } },
});
