const UNITS = { b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 } as const;

/** A number of bytes: `'256kb'`, `'1mb'`, or a number. */
export type Size = number | `${number}${keyof typeof UNITS}`;

/** The bytes of a size; `undefined` when it is not one. Units are powers of 1024, in any case. */
export function parseSize(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
  if (typeof value !== 'string') return undefined;
  const match = /^(\d+(?:\.\d+)?)\s*(b|kb|mb|gb)?$/.exec(value.trim().toLowerCase());
  if (!match) return undefined;
  const bytes = Math.round(Number(match[1]) * UNITS[(match[2] ?? 'b') as keyof typeof UNITS]);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** The shortest exact text of a number of bytes that {@link parseSize} reads back: `262144` → `'256kb'`. */
export function renderExactSize(bytes: number): string {
  const unit = (['gb', 'mb', 'kb'] as const).find((each) => bytes > 0 && bytes % UNITS[each] === 0) ?? 'b';
  return `${bytes / UNITS[unit]}${unit}`;
}

/** A size for people: `5.9kb`, `212mb`. */
export function renderSize(bytes: number): string {
  const unit = (['gb', 'mb', 'kb'] as const).find((each) => bytes >= UNITS[each]) ?? 'b';
  const amount = bytes / UNITS[unit];
  return `${amount < 10 && unit !== 'b' ? amount.toFixed(1) : Math.round(amount)}${unit}`;
}
