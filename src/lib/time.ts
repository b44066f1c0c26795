import { now } from './clock.ts';
import { parseDuration, renderApproximateDuration } from './duration.ts';

/**
 * A point in time as epoch milliseconds: an ISO 8601 / RFC 3339 text, epoch milliseconds, or a duration that is
 * counted back from now (`'2h'`, for `--since`) or on from now (for `--at`). `undefined` when it is none of these.
 */
export function parseTime(value: string, direction: 'ago' | 'ahead'): number | undefined {
  if (/^\d{12,}$/.test(value)) return Number(value);
  const span = /^\d+$/.test(value) ? undefined : parseDuration(value);
  if (span !== undefined) return direction === 'ago' ? now() - span : now() + span;
  const time = /^\d{4}-\d{2}-\d{2}/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}

/** RFC 3339 in UTC: what is printed off a terminal and in JSON. */
export const isoTime = (ms: number): string => new Date(ms).toISOString();

/** `3m12s ago`: what is printed for people. */
export const agoTime = (ms: number): string => `${renderApproximateDuration(Math.max(0, now() - ms))} ago`;
