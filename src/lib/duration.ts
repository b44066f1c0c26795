const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
type Unit = keyof typeof UNITS;

/** A length of time: `'250ms'`, `'5s'`, `'10m'`, `'24h'`, `'7d'`, or a number of milliseconds. */
export type Duration = number | `${number}${Unit}`;

/**
 * The milliseconds of a duration; `undefined` when it is not one.
 * A bare number, also as text, is milliseconds. Negative, infinite and empty values are refused.
 */
export function parseDuration(value: unknown): number | undefined {
  const ms = typeof value === 'number' && value >= 0 ? Math.round(value) : readDuration(value);
  return Number.isSafeInteger(ms) ? ms : undefined;
}

function readDuration(value: unknown): number | undefined {
  const match = typeof value === 'string' && /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w)?$/.exec(value.trim());
  return match ? Math.round(Number(match[1]) * UNITS[(match[2] ?? 'ms') as Unit]) : undefined;
}

/** The shortest exact text of a number of milliseconds that {@link parseDuration} reads back: `90000` → `'90s'`. */
export function renderDuration(ms: number): string {
  if (ms === 0) return '0s';
  const unit = (['d', 'h', 'm', 's'] as const).find((each) => ms % UNITS[each] === 0) ?? 'ms';
  return `${ms / UNITS[unit]}${unit}`;
}

const two = (n: number): string => String(n).padStart(2, '0');

/** A duration for people, two units at most: `812ms`, `1.9s`, `3m12s`, `2h05m`, `4d2h`. */
export function renderApproximateDuration(ms: number): string {
  if (ms < 999.5) return `${Math.max(0, Math.round(ms))}ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)}s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m${two(seconds % 60)}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1440) return `${Math.floor(minutes / 60)}h${two(minutes % 60)}m`;
  return `${Math.floor(minutes / 1440)}d${Math.floor((minutes % 1440) / 60)}h`;
}
