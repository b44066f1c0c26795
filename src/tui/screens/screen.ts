import type { Snapshot } from '../../jobs/snapshot-types.ts';
import type { Cell } from '../cells.ts';
import type { Column } from '../table.ts';

/** A list that fills the screen, as data. Its rows are known to itself only; the rest of the program passes them on. */
export interface Screen<Row = unknown> {
  id: string;
  title: string;
  columns: readonly Column<Row>[];
  /** How it is sorted at first. */
  sort: { column: string; descending: boolean };
  rows(snapshot: Snapshot): readonly Row[];
  /** The number behind the title in the tab; 0 shows none. */
  badge(snapshot: Snapshot): number;
  /** The second line of the screen: all of it in a sentence. */
  summary(snapshot: Snapshot): Cell[];
  /** What stays the same of a row from one refresh to the next. */
  identity(row: Row): string;
  /** What `/` searches. */
  searched(row: Row): string;
  /** The letter in front of a row that is in a special state, else empty. */
  flag(row: Row): Cell;
  /** More about the row under the cursor than its line has room for. */
  detail?(row: Row): Cell[];
  /** What to do when there are no rows. */
  empty: string;
}

/** Only checks the types of a screen's own rows. */
export const defineScreen = <Row, const Id extends string>(screen: Screen<Row> & { id: Id }): Screen & { id: Id } =>
  screen as Screen & { id: Id };
