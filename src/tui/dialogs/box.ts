import { cleanText, columnsOf, pad, truncate } from '../../lib/text.ts';
import { type Cell, textOf, toneOf } from '../cells.ts';
import { type Look, paint } from '../paint.ts';

interface Box {
  title: string;
  lines: readonly Cell[];
  /** What stands in its lower edge. */
  foot?: string;
}

const WIDEST = 76;
// Its edges.
const [SIDES, ENDS] = [4, 2];

const widthIn = (columns: number): number => Math.min(WIDEST, columns - 4);
/** The columns and rows that its lines have. */
export const innerWidth = (columns: number): number => widthIn(columns) - SIDES;
export const innerRows = (room: number): number => Math.max(1, room - ENDS);

/** Lines of a screen with a box in their middle; what is behind it keeps its other lines. */
export function overlay(
  look: Look,
  behind: readonly string[],
  { columns, room }: { columns: number; room: number },
  box: Box,
): string[] {
  const width = widthIn(columns);
  const lines = renderBox(look, width, { ...box, lines: box.lines.slice(0, innerRows(room)) });
  const top = Math.max(0, Math.floor((room - lines.length) / 2));
  const indent = ' '.repeat(Math.max(0, Math.floor((columns - width) / 2)));
  return Array.from({ length: Math.max(behind.length, top + lines.length) }, (_, row) => {
    const line = lines[row - top];
    return line === undefined ? (behind[row] ?? '') : indent + line;
  });
}

/** A box of `width` columns with a title in its upper edge. */
export function renderBox(look: Look, width: number, { title, lines, foot = '' }: Box): string[] {
  const inner = width - SIDES;
  const edge = (left: string, text: string, right: string, align: 'left' | 'right') => {
    const label = text === '' ? '' : ` ${fit(text, inner - 2)} `;
    const rule = '─'.repeat(Math.max(0, width - 3 - columnsOf(label)));
    return align === 'left' ? `${left}─${label}${rule}${right}` : `${left}${rule}${label}─${right}`;
  };
  return [
    paint(look, 'strong', edge('┌', title, '┐', 'left')),
    ...lines.map((cell) => `│ ${paint(look, toneOf(cell), pad(fit(textOf(cell), inner), inner))} │`),
    paint(look, 'strong', edge('└', foot, '┘', 'right')),
  ];
}

// Text of a job may be megabytes long.
const MOST = 2000;

/** Text in one line that is safe to print, with its spaces, in at most `width` columns. */
const fit = (text: string, width: number): string =>
  truncate(cleanText(text.slice(0, MOST)).replaceAll(/[\n\t]/g, ' '), width);
