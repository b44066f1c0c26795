const SECONDS: Record<string, number> = { s: 1, m: 60, h: 3600 };

/** How an error names what {@link parseRate} reads. */
export const RATE_EXPECTED = "a rate such as '100/s' or '600/m'";

/** Amount per second of `100/s`, `600/m`, `20/h`; `undefined` when it is no rate, or none at all. */
export function parseRate(text: string): number | undefined {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)\/(s|m|h)$/.exec(text) ?? [];
  const perSecond = Number(amount) / (SECONDS[unit ?? ''] ?? Number.NaN);
  return perSecond > 0 && Number.isFinite(perSecond) ? perSecond : undefined;
}
