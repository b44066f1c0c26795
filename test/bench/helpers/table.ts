import { ratiosOf, type Row, spreadOf, verdictOf } from './row.ts';
import { medianOf } from './statistics.ts';

export const HEAD: readonly string[] = ['bench', 'figure', 'ours', 'against', 'ratio', 'quartiles', 'target', ''];
const NUMBERS = new Set(['ours', 'ratio', 'quartiles', 'target']);

export const renderNumber = (value: number): string => {
  if (value === 0) return '0';
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en-US', { maximumFractionDigits: digits, minimumFractionDigits: digits });
};

function cellsOf(bench: string, row: Row): string[] {
  const ratios = ratiosOf(row);
  const target = row.target && ('atLeast' in row.target ? `≥ ${row.target.atLeast}` : `≤ ${row.target.atMost}`);
  return [
    bench,
    row.figure,
    `${renderNumber(medianOf(row.ours))} ${row.unit}`.trim(),
    row.bare ? `${row.bare.name}, ${renderNumber(medianOf(row.bare.values))}` : '',
    row.bare ? renderNumber(medianOf(ratios)) : '',
    ratios.length > 1 ? spreadOf(ratios).map(renderNumber).join(' to ') : '',
    target ? `${target}${row.bare ? '' : ` ${row.unit}`}`.trim() : '',
    verdictOf(row),
  ];
}

type Measured = readonly { bench: string; rows: readonly Row[] }[];

export const renderCells = (measured: Measured): string[][] =>
  measured.flatMap(({ bench, rows }) => rows.map((row) => cellsOf(bench, row)));

/** The lines of one Markdown table of all rows: medians, and the quartiles of the ratio (without a ratio, of our value). */
export function renderTable(measured: Measured): string[] {
  return alignTable([HEAD, ...renderCells(measured)]);
}

/** The same lines as prettier would leave them. */
export function alignTable(
  [head, ...body]: readonly (readonly string[])[],
  isNumber = (place: number): boolean => NUMBERS.has(head![place]!),
): string[] {
  const widths = head!.map((_, place) => Math.max(3, ...[head!, ...body].map((cells) => cells[place]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, place) => (isNumber(place) ? cell.padStart(widths[place]!) : cell.padEnd(widths[place]!))).join(' | ')} |`;
  const rule = widths.map((width, place) => (isNumber(place) ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)));
  return [line(head!), `| ${rule.join(' | ')} |`, ...body.map(line)];
}
