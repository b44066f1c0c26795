import measure from 'fast-string-truncated-width';

// Text that comes from jobs is hostile: what is not printable must never reach a terminal. Cc are the control
// characters; Cf, Zl and Zp are those that reorder, hide or break text (bidi, zero-width, line separators).
const HOSTILE = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Most text, found out sooner. */
const PLAIN = /^[\n\t\x20-\x7e]*$/;

/** Text that is safe to print over several lines: control and bidi characters become `\u{…}` escapes; newline and tab stay. */
export function cleanText(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(/\r\n/g, '\n').replace(HOSTILE, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}

/** {@link cleanText} on one line: each run of white space becomes a single space. */
export function cleanLine(text: string): string {
  return cleanText(text).replace(/\s+/g, ' ').trim();
}

/** `text` cut to `width` terminal columns, ending in `…` where something was cut. */
export function truncate(text: string, width: number): string {
  if (columnsOf(text) <= width) return text;
  if (width <= 0) return '';
  // The package can cut too, but overlooks letters beyond Latin-1 that stand before others.
  let [end, left] = [0, width - 1];
  graphemes ??= new Intl.Segmenter();
  for (const { segment } of graphemes.segment(text)) {
    left -= columnsOf(segment);
    if (left < 0) break;
    end += segment.length;
  }
  return `${text.slice(0, end)}…`;
}
// Made when it is first needed: it takes as long as a third of Node's own start.
let graphemes: Intl.Segmenter | undefined;

/** `text` filled up with spaces to `width` terminal columns. */
export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const fill = ' '.repeat(Math.max(0, width - columnsOf(text)));
  return align === 'left' ? text + fill : fill + text;
}

/** ASCII, and the lines and bars that we draw: each takes one column. */
const EVEN = /^[\x20-\x7e·–…─-▟]*$/;

/** The number of terminal columns that `text` takes. */
export const columnsOf = (text: string): number => (EVEN.test(text) ? text.length : measure(text).width);

/** `1,234,567.891`. What JavaScript has for it takes 17 ms to load, a tenth of a short command. */
export const grouped = (amount: number): string =>
  String(Number(amount.toFixed(3))).replace(/^-?\d+/, (whole) => whole.replace(/\B(?=(?:\d{3})+$)/g, ','));

/** `1 job`, `2 jobs`, `1,043 jobs`. */
export function count(amount: number, noun: string, plural = `${noun}s`): string {
  return `${grouped(amount)} ${amount === 1 ? noun : plural}`;
}
