import { columnsOf, pad } from '../lib/text.ts';
import { type Cell, textOf, toneOf } from './cells.ts';
import { fitText } from './line.ts';
import { type Look, paint } from './paint.ts';

/** From how many terminal columns on the columns marked `wide` are shown. */
export const WIDE = 120;

export interface Column<Row = unknown> {
  title: string;
  /** What stands above it, where that is not its title. */
  shown?: string;
  align: 'left' | 'right';
  /** The width it needs, and the one that it takes when there is room; a last column of text takes all that is left. */
  width: readonly [least: number, most: number];
  /** Who grows first, lowest first; without one, in the order of the table but after those. */
  grows?: number;
  /** Who leaves first when the terminal is narrow, lowest first; without one it stays. */
  leaves?: number;
  wide?: true;
  cell(row: Row, context: CellContext): Cell;
  /** What the column is sorted by; without it, it cannot be. */
  value?(row: Row): number | string;
}

export interface CellContext {
  /** When the data was taken, in milliseconds since the epoch. */
  at: number;
  /** The columns that the cell may take. */
  width: number;
}

export interface PlacedColumn {
  column: Column;
  width: number;
}

// The cursor and the flag of a row, with a space.
export const MARGIN = 3;

/** The columns that fit in a terminal of `width` columns, and how wide each is. */
export function placeColumns(columns: readonly Column[], width: number): PlacedColumn[] {
  const kept = columns.filter((column) => !column.wide || width >= WIDE);
  const needed = () => MARGIN + kept.reduce((sum, { width: [least] }) => sum + least + 1, -1);
  while (needed() > width) {
    const first = Math.min(...kept.map(({ leaves = Infinity }) => leaves));
    if (first === Infinity) break;
    kept.splice(
      kept.findIndex(({ leaves }) => leaves === first),
      1,
    );
  }
  let spare = Math.max(0, width - needed());
  const placed = kept.map((column) => ({ column, width: column.width[0] }));
  for (const each of placed.toSorted((a, b) => (a.column.grows ?? 100) - (b.column.grows ?? 100))) {
    const gained = Math.min(spare, each.column.width[1] - each.width);
    each.width += gained;
    spare -= gained;
  }
  const last = placed.at(-1)!;
  if (last.column.align === 'left') last.width += spare;
  return placed;
}

/** The line of titles; an arrow stands behind the one that rows are sorted by. */
export function renderTitles(
  look: Look,
  placed: readonly PlacedColumn[],
  sort: { column: string; descending: boolean },
): string {
  const titles = placed.map(({ column: { title, shown = title, align }, width }) => {
    const arrow = title === sort.column ? (sort.descending ? '▼' : '▲') : '';
    return pad(fitText(`${shown}${arrow}`, width), width, align);
  });
  return paint(look, 'strong', `${' '.repeat(MARGIN)}${titles.join(' ')}`.trimEnd());
}

/** One row. `flag` is the one-letter mark of its state, which stays visible under the cursor. */
export function renderRow(
  look: Look,
  placed: readonly PlacedColumn[],
  { row, at, flag, marked, selected }: { row: unknown; at: number; flag: Cell; marked: boolean; selected: boolean },
): string {
  const draw = (cell: Cell, text: string) => paint(look, toneOf(cell) ?? (selected ? 'strong' : undefined), text);
  const letter = marked ? 'x' : textOf(flag) || ' ';
  const mark = selected ? `>${letter}` : `${letter} `;
  const cells = placed.map(({ column, width }) => {
    const cell = column.cell(row, { at, width });
    return draw(cell, pad(fitText(textOf(cell), width), width, column.align));
  });
  return ` ${draw(marked ? { text: 'x', tone: 'accent' } : flag, mark)}${cells.join(' ')}`.trimEnd();
}

/** The last columns of a text that is too wide for `width`: ids that were made one after another differ in their ends. */
export const tail = (text: string, width: number): string =>
  columnsOf(text) <= width ? text : `…${text.slice(text.length - Math.max(0, width - 1))}`;
