import type { Tone } from './paint.ts';

/** One cell of a table: text, and what it means where that is worth a colour. */
export type Cell = string | { text: string; tone: Tone };

/** What there is no number for. */
export const NOTHING: Cell = { text: '–', tone: 'faint' };

const thousands = new Intl.NumberFormat('en-US');
const UNITS = [
  ['G', 1e9],
  ['M', 1e6],
  ['k', 1e3],
] as const;

/** A count in at most `width` columns: `9,999`, or rounded down to `12.3k`, `1.2M`. */
export function amount(value: number, width = Infinity): string {
  const exact = thousands.format(value);
  const unit = UNITS.find(([, size]) => value >= size);
  if (exact.length <= width || !unit) return exact;
  const scaled = value / unit[1];
  return `${scaled < 100 ? Math.floor(scaled * 10) / 10 : Math.floor(scaled)}${unit[0]}`;
}

/** A number per second: `0`, `0.02`, `4.1`, `212`. */
export function rate(perSecond: number): string {
  if (perSecond === 0) return '0';
  if (perSecond < 1) return perSecond.toFixed(2);
  return perSecond < 10 ? perSecond.toFixed(1) : amount(Math.round(perSecond), 6);
}

/** A part of all, 0 to 1, in percents without the sign: `0.3`, `41.0`, `100`. */
export const percent = (part: number): string => (part >= 0.9995 ? '100' : (part * 100).toFixed(1));

/** How long something took: `180ms`, `1.9s`, `42s`, `3m`. */
export function span(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)}ms`;
  return ms < 9950 ? `${(ms / 1000).toFixed(1)}s` : age(Math.round(ms / 1000) * 1000);
}

/** How old something is, in its largest unit, rounded down: `0s`, `31s`, `14m`, `7h`, `4d`. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
}

/** `value` as a cell that asks for attention when `alarm` holds; the `!` says so without colour. */
export const flagged = (text: string, alarm: boolean): Cell => (alarm ? { text: `${text}!`, tone: 'alarm' } : text);

/** The part of attempts that failed; from a hundredth on it asks for attention. */
export const errorRate = (part: number): Cell => flagged(percent(part), part >= 0.01);

/** {@link NOTHING} for null, else what `render` makes of the value. */
export const known = <Value>(value: Value | null, render: (value: Value) => Cell): Cell =>
  value === null ? NOTHING : render(value);

export const textOf = (cell: Cell): string => (typeof cell === 'string' ? cell : cell.text);
export const toneOf = (cell: Cell): Tone | undefined => (typeof cell === 'string' ? undefined : cell.tone);
