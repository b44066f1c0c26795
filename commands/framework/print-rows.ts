import { agoTime, isoTime } from '../../src/lib/time.ts';
import { renderTable, type TableColumn } from '../../src/lib/table.ts';
import { cleanLine, grouped } from '../../src/lib/text.ts';
import type { Context } from './context.ts';
import { jsonText } from './json-text.ts';

export type Cell = string | number | Date | boolean | null | undefined;

export interface Column<Row> extends TableColumn {
  value(row: Row): Cell;
  /** How a terminal shows it, where that differs: durations, percentages. */
  show?(row: Row): string;
}

export interface Listing<Row> {
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  /** What `--json` prints: the same data as the HTTP answer. */
  json: unknown;
  /** What `--output id` prints, one a line. */
  id(row: Row): string;
  /** Said on stderr when there are no rows and somebody looks. */
  empty: string;
}

/** Prints a list in the format asked for. Cells may come from jobs: here is where they are made safe. */
export function printRows<Row>(context: Context, { columns, rows, json, id, empty }: Listing<Row>): void {
  switch (context.output) {
    case 'json':
      return context.print(jsonText(json, 2));
    case 'jsonl':
      return rows.forEach((row) => context.print(jsonText(row)));
    case 'id':
      return rows.forEach((row) => context.print(cleanLine(id(row))));
    case 'tsv':
      return rows.forEach((row) => context.print(columns.map((column) => plain(column.value(row))).join('\t')));
    case 'table': {
      if (rows.length === 0) return context.note(empty);
      const cells = rows.map((row) =>
        columns.map((column) => cleanLine(column.show?.(row) ?? shown(column.value(row)))),
      );
      // A terminal that does not know its size says 0.
      return context.print(renderTable(columns, cells, context.stdout.columns || Infinity).trimEnd());
    }
  }
}

function plain(cell: Cell): string {
  if (cell === null || cell === undefined) return '';
  if (cell instanceof Date) return isoTime(cell.getTime());
  return typeof cell === 'number' ? String(Number(cell.toFixed(3))) : cleanLine(String(cell));
}

function shown(cell: Cell): string {
  if (cell === null || cell === undefined) return '–';
  if (cell instanceof Date) return agoTime(cell.getTime());
  return typeof cell === 'number' ? grouped(cell) : String(cell);
}
