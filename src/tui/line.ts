import { cleanLine, columnsOf, truncate } from '../lib/text.ts';
import { type Cell, textOf, toneOf } from './cells.ts';
import { type Look, paint } from './paint.ts';

// An error message may be megabytes long; no row shows more than this of it.
const MOST = 2000;

/** Text in one line, safe to print wherever it came from. */
const readable = (text: string): string => cleanLine(text.slice(0, MOST));

/** The same in at most `width` columns; `…` stands where it was cut. */
export const fitText = (text: string, width: number): string => truncate(readable(text), width);

const columnsOfPiece = (piece: Cell): number => columnsOf(readable(textOf(piece)));

/** The columns of pieces set side by side. */
export const widthOf = (pieces: readonly Cell[], gap: string): number =>
  pieces.reduce((sum, piece, index) => sum + columnsOfPiece(piece) + (index === 0 ? 0 : gap.length), 0);

/** The columns of the screen that a piece of a line takes: `to` is the first one after it. */
export interface Span {
  from: number;
  to: number;
}

/** Where the pieces stand that {@link renderLine} puts on the left. */
export function spansOf(pieces: readonly Cell[], gap: string): Span[] {
  let from = 1;
  return pieces.map((piece) => {
    const span = { from, to: from + columnsOfPiece(piece) };
    from = span.to + gap.length;
    return span;
  });
}

/** As many of the pieces as fit, from the first. */
export function fitPieces(pieces: readonly Cell[], width: number, gap: string): readonly Cell[] {
  let used = -gap.length;
  const tooMuch = pieces.findIndex((piece) => (used += gap.length + columnsOfPiece(piece)) > width);
  return tooMuch === -1 ? pieces : pieces.slice(0, tooMuch);
}

export interface Line {
  left: readonly Cell[];
  /** Pieces that keep to the right and go before those on the left. */
  right?: readonly Cell[];
  gap?: string;
}

// Less than this of a piece says nothing: it is left out.
const LEAST_PIECE = 16;

/** One row of the screen with a column of air at both ends. A piece that does not fit is cut, or left out with all after it. */
export function renderLine(look: Look, width: number, { left, right = [], gap = '  ' }: Line): string {
  const inner = Math.max(0, width - 2);
  const kept = fitPieces(right, inner, gap);
  const room = inner - (kept.length > 0 ? widthOf(kept, gap) + gap.length : 0);
  const whole = fitPieces(left, room, gap);
  const rest = room - (whole.length > 0 ? widthOf(whole, gap) + gap.length : 0);
  const next = left[whole.length];
  const cut: Cell[] = next !== undefined && (rest >= LEAST_PIECE || whole.length === 0) ? [shorten(next, rest)] : [];
  const main = [...whole, ...cut];
  const draw = (pieces: readonly Cell[]) =>
    pieces.map((piece) => paint(look, toneOf(piece), readable(textOf(piece)))).join(gap);
  if (kept.length === 0) return ` ${draw(main)}`;
  return ` ${draw(main)}${' '.repeat(inner - widthOf(main, gap) - widthOf(kept, gap))}${draw(kept)}`;
}

function shorten(piece: Cell, width: number): Cell {
  const text = fitText(textOf(piece), width);
  return typeof piece === 'string' ? text : { ...piece, text };
}
