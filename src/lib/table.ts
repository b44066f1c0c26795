import { columnsOf, pad, truncate } from './text.ts';

export interface TableColumn {
  title: string;
  /** Numbers stand to the right. */
  align?: 'left' | 'right';
  /** Gives up its width, to no less than its title, when the table is too wide. */
  flexible?: boolean;
}

const GAP = '  ';

/**
 * A plain table, two spaces between columns, no trailing spaces, one line a row. Cells are clean text already.
 * When it is wider than `width` terminal columns, the flexible columns are cut, the widest first.
 */
export function renderTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  width = Infinity,
): string {
  const titles = columns.map((column) => column.title);
  const widths = fit(columns, [titles, ...rows], width);
  const line = (cells: readonly string[]) =>
    columns
      .map(({ align }, index) => pad(truncate(cells[index] ?? '', widths[index]!), widths[index]!, align))
      .join(GAP)
      .trimEnd();
  return [titles, ...rows].map((cells) => `${line(cells)}\n`).join('');
}

function fit(columns: readonly TableColumn[], lines: readonly (readonly string[])[], width: number): number[] {
  const widths = columns.map((_, index) =>
    lines.reduce((widest, cells) => Math.max(widest, columnsOf(cells[index] ?? '')), 0),
  );
  let excess = widths.reduce((sum, each) => sum + each, GAP.length * (columns.length - 1)) - width;
  while (excess > 0) {
    const spare = columns.map(({ flexible, title }, index) => (flexible ? widths[index]! - columnsOf(title) : 0));
    const most = Math.max(0, ...spare);
    if (most === 0) break;
    // The widest goes down to the next one, so that equal columns shrink alike.
    const next = Math.max(0, ...spare.filter((each) => each < most));
    const cut = Math.min(excess, most - next);
    widths[spare.indexOf(most)]! -= cut;
    excess -= cut;
  }
  return widths;
}
