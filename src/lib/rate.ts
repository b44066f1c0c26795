const SECONDS: Record<string, number> = { s: 1, m: 60, h: 3600 };

/** How an error names what {@link parseRate} reads. */
export const RATE_EXPECTED = "a rate such as '100/s' or '600/m'";

/** Amount per second of `100/s`, `600/m`, `20/h`; `undefined` when it is no rate, or none at all. */
export function parseRate(text: string): number | undefined {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)\/(s|m|h)$/.exec(text) ?? [];
  const perSecond = Number(amount) / (SECONDS[unit ?? ''] ?? Number.NaN);
  return perSecond > 0 && Number.isFinite(perSecond) ? perSecond : undefined;
}

/** The same as so many jobs in a time of whole milliseconds: `100/s`, `0.5/s`. */
export function parseRateLimit(text: string): { max: number; perMs: number } | undefined {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)\/(s|m|h)$/.exec(text) ?? [];
  const perMs = (SECONDS[unit ?? ''] ?? Number.NaN) * 1000;
  const max = Number(amount);
  if (!(max > 0)) return undefined;
  return Number.isInteger(max) ? { max, perMs } : { max: 1, perMs: Math.round(perMs / max) };
}
