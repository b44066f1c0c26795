import { JobQueueError } from '../errors.ts';
import type { JobOptions } from '../handlers/define-handler.ts';
import { parseDuration } from '../lib/duration.ts';
import { didYouMean } from '../lib/nearest.ts';
import { parseDate, toTime } from '../lib/time.ts';
import { MOST_PRIORITY, QUEUE_NAME } from '../options.ts';

/** What each option of a job must be, whoever sends it. Over HTTP and from files these are the only ones taken. */
const CHECKS: Record<keyof JobOptions, { expected: string; holds(value: unknown): boolean }> = {
  queue: {
    expected: 'a queue name: letters, digits and ._-',
    holds: (value) => typeof value === 'string' && QUEUE_NAME.test(value),
  },
  delay: { expected: "a duration such as '5m'", holds: isDuration },
  at: { expected: 'a time such as 2030-01-31T09:00:00Z', holds: isTime },
  priority: {
    expected: `an integer from 0 (none) to ${MOST_PRIORITY}`,
    holds: (value) => isInteger(value, 0, MOST_PRIORITY),
  },
  attempts: { expected: 'an integer from 1 to 1000', holds: (value) => isInteger(value, 1, 1000) },
  backoff: { expected: "an object such as { type: 'exponential', delay: '2s' }", holds: isBackoff },
  timeout: {
    expected: "a duration above 0 such as '30s'",
    holds: (value) => isDuration(value) && parseDuration(value) !== 0,
  },
  expiresIn: {
    expected: "a duration above 0 such as '1h'",
    holds: (value) => isDuration(value) && parseDuration(value) !== 0,
  },
  id: { expected: 'a text of 1 to 255 characters', holds: isKey },
  dedupe: { expected: 'a key of 1 to 255 characters, or { key, ttl }', holds: isDedupe },
};

export const JOB_OPTION_NAMES = Object.keys(CHECKS) as (keyof JobOptions)[];

/** @throws JobQueueError USAGE naming the option, what was expected and what was got */
export function checkJobOptions(options: JobOptions): void {
  for (const [name, value] of Object.entries(options)) {
    const check = Object.hasOwn(CHECKS, name) ? CHECKS[name as keyof JobOptions] : undefined;
    if (!check)
      throw new JobQueueError('USAGE', `Unknown job option \`${name}\``, { hint: didYouMean(name, JOB_OPTION_NAMES) });
    if (value !== undefined && !check.holds(value)) {
      throw new JobQueueError('USAGE', `Expected \`${name}\` to be ${check.expected}, got ${JSON.stringify(value)}`);
    }
  }
  if (options.delay !== undefined && options.at !== undefined) {
    throw new JobQueueError('USAGE', 'Expected `delay` or `at`, got both');
  }
}

function isDuration(value: unknown): boolean {
  return parseDuration(value) !== undefined;
}

function isInteger(value: unknown, min: number, max: number): boolean {
  return Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
}

function isTime(value: unknown): boolean {
  if (value instanceof Date || typeof value === 'number') return toTime(Number(value)) !== undefined;
  return typeof value === 'string' && parseDate(value) !== undefined;
}

function isKey(value: unknown): boolean {
  return typeof value === 'string' && value.length >= 1 && value.length <= 255;
}

function isDedupe(value: unknown): boolean {
  if (isKey(value)) return true;
  const { key, ttl, ...rest } = (value ?? {}) as { key?: unknown; ttl?: unknown };
  return isKey(key) && (ttl === undefined || isDuration(ttl)) && Object.keys(rest).length === 0;
}

function isBackoff(value: unknown): boolean {
  if (value === null || typeof value !== 'object') return false;
  const { type, delay, jitter = 0, ...rest } = value as Record<string, unknown>;
  const isJitter = typeof jitter === 'number' && jitter >= 0 && jitter <= 1;
  return (
    (type === 'exponential' || type === 'fixed') && isDuration(delay) && isJitter && Object.keys(rest).length === 0
  );
}
