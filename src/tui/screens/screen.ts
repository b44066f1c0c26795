import type { Snapshot } from '../../jobs/snapshot-types.ts';
import type { Target } from '../actions/target.ts';
import type { Cell } from '../cells.ts';
import type { Page } from '../data/page.ts';
import type { Place, PlaceOf, ScreenId } from '../places.ts';
import type { Sort, State } from '../state.ts';
import type { Column } from '../table.ts';

/** What a screen shows: all that was read of this Redis, and what was read for the place. */
export interface Data {
  snapshot: Snapshot;
  page: Page | undefined;
}

export interface Tab {
  title: string;
  /** The same where there is little room. */
  short: string;
  current: boolean;
  /** Where the key Tab leads. */
  place: Place;
}

/** How lists are shown. */
export type Shown = Pick<State, 'timing' | 'bars'>;

/** Text with a title. */
export interface Box {
  title: string;
  lines: readonly Cell[];
}

/** A list that fills the screen, as data. Its rows are known to itself only; the rest of the program passes them on. */
export interface Screen<Row = unknown, At extends Place = Place> {
  id: ScreenId;
  title: string;
  /** The same where there is little room. */
  short?: string;
  /** It is a text, which is scrolled, and no list. */
  isText?: true;
  columns(place: At, shown: Shown): readonly Column<Row>[];
  /** How it is sorted at first. */
  firstSort(place: At): Sort;
  /** Its rows, where the snapshot has them all; other rows are read for the place. */
  rows?(snapshot: Snapshot): readonly Row[];
  /** The number behind the title in the tab; 0 shows none. */
  badge(snapshot: Snapshot): number;
  /** The second line of the screen: all of it in a sentence, or where it is. */
  summary(data: Data, place: At): Cell[];
  /** Tabs of its own; without them, those of the program are shown. */
  tabs?(data: Data, place: At): readonly Tab[];
  /** What stays the same of a row from one refresh to the next. */
  identity(row: Row): string;
  /** Words for the states that a row is in, such as `is:paused`, which `/` finds only as such. */
  tags?(row: Row): readonly string[];
  /** What `/` searches; a screen without it has the server search, in the filter language. */
  searched?(row: Row): string;
  /** The letter in front of a row that is in a special state, else empty. */
  flag(row: Row): Cell;
  /** More about the row under the cursor than its line has room for. */
  detail?(row: Row): Cell[];
  /** What a large terminal shows of the row under the cursor, in two boxes side by side; a line has `width` columns. */
  panel?(row: Row, data: Data, width: number): [Box, Box];
  /** Whoever is at the first row stays there when others come before it. */
  follows?: true;
  /** What to do when there are no rows. */
  empty(place: At): string;
  /** Where Enter leads. */
  opens?(row: Row, place: At): Place | undefined;
  /** What actions do something to. */
  target?(row: Row, place: At): Target | undefined;
}

/** Only checks the types of a screen's own rows and places. */
export const defineScreen = <Row, Id extends ScreenId>(screen: Screen<Row, PlaceOf<Id>> & { id: Id }): Screen =>
  screen as unknown as Screen;
