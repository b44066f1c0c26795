import { columnsOf, pad, truncate } from './text.ts';

export interface TableColumn {
  title: string;
  /** Numbers stand to the right. */
  align?: 'left' | 'right';
  /** Gives up its width, down to {@link LEAST} columns, when the table is too wide. */
  flexible?: boolean;
  /** Left out when that is not enough, the last one first. */
  optional?: boolean;
}

const GAP = '  ';
/** A flexible column is cut no shorter than this. */
const LEAST = 10;

/**
 * A plain table: two spaces between columns, no trailing spaces, one line a row. Cells are clean text already.
 * When it is wider than `width` terminal columns, the flexible columns are cut, the widest first.
 */
export function renderTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  width = Infinity,
): string {
  const lines = [columns.map((column) => column.title), ...rows];
  const natural = columns.map((_, index) => Math.max(...lines.map((cells) => columnsOf(cells[index] ?? ''))));
  const shown = chooseColumns(columns, natural, width);
  const widths = fit(columns, natural, shown, width);
  const renderLine = (cells: readonly string[]) =>
    shown
      .map((index) => pad(truncate(cells[index] ?? '', widths[index]!), widths[index]!, columns[index]!.align))
      .join(GAP)
      .trimEnd();
  return lines.map((cells) => `${renderLine(cells)}\n`).join('');
}

const leastOf = (column: TableColumn, natural: number): number =>
  column.flexible ? Math.min(natural, Math.max(LEAST, columnsOf(column.title))) : natural;

const totalOf = (widths: readonly number[]): number =>
  widths.reduce((sum, each) => sum + each, GAP.length * (widths.length - 1));

/** The indexes of the columns that there is room for. */
function chooseColumns(columns: readonly TableColumn[], natural: readonly number[], width: number): number[] {
  const shown = columns.map((_, index) => index);
  const least = () => totalOf(shown.map((index) => leastOf(columns[index]!, natural[index]!)));
  while (least() > width) {
    const last = shown.findLastIndex((index) => columns[index]!.optional);
    if (last === -1) break;
    shown.splice(last, 1);
  }
  return shown;
}

function fit(
  columns: readonly TableColumn[],
  natural: readonly number[],
  shown: readonly number[],
  width: number,
): number[] {
  const widths = [...natural];
  let excess = totalOf(shown.map((index) => natural[index]!)) - width;
  const spareOf = (index: number) => widths[index]! - leastOf(columns[index]!, natural[index]!);
  while (excess > 0) {
    const [widest, next] = shown.toSorted((a, b) => spareOf(b) - spareOf(a));
    if (widest === undefined || spareOf(widest) === 0) break;
    // Down to the next one, then both in turn, so that equal columns shrink alike.
    const step = Math.max(1, spareOf(widest) - (next === undefined ? 0 : spareOf(next)));
    const cut = Math.min(excess, step);
    widths[widest]! -= cut;
    excess -= cut;
  }
  return widths;
}
