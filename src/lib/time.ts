import { now } from './clock.ts';
import { parseDuration, renderApproximateDuration } from './duration.ts';

/**
 * A point in time as epoch milliseconds: an ISO 8601 / RFC 3339 text, epoch milliseconds, or a duration that is
 * counted back from now (`'2h'`, for `--since`) or on from now (for `--at`). `undefined` when it is none of these.
 */
export function parseTime(value: string, direction: 'ago' | 'ahead'): number | undefined {
  if (/^\d{12,}$/.test(value)) return toTime(Number(value));
  const span = /^\d+$/.test(value) ? undefined : parseDuration(value);
  if (span !== undefined) return toTime(direction === 'ago' ? now() - span : now() + span);
  return parseDate(value);
}

/** The epoch milliseconds of an ISO 8601 / RFC 3339 text; `undefined` when it is none, or names a day that is not in the calendar. */
export function parseDate(value: string): number | undefined {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})/.exec(value)?.map(Number) ?? [];
  // Date.parse makes March 3 of February 31.
  const isDay = new Date(Date.UTC(year!, month! - 1, day)).getUTCDate() === day;
  return isDay ? toTime(Date.parse(value)) : undefined;
}

/** `ms` when a Date can hold it. */
export const toTime = (ms: number): number | undefined => (Number.isNaN(new Date(ms).getTime()) ? undefined : ms);

/** RFC 3339 in UTC: what is printed off a terminal and in JSON. */
export function isoTime(ms: number): string {
  // A busy program asks for the same millisecond many times.
  if (ms !== last.ms) last = { ms, text: new Date(ms).toISOString() };
  return last.text;
}
let last = { ms: NaN, text: '' };

/** `3m12s ago`: what is printed for people. */
export const agoTime = (ms: number): string => `${renderApproximateDuration(Math.max(0, now() - ms))} ago`;
