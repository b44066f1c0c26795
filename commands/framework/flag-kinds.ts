import type { Backoff } from '../../src/handlers/define-handler.ts';
import { type Duration, parseDuration } from '../../src/lib/duration.ts';
import { parseRate, parseRateLimit, RATE_EXPECTED } from '../../src/lib/rate.ts';
import { parseTime } from '../../src/lib/time.ts';
import { type Assignment, parseAssignment } from '../../src/lib/assignment.ts';
import type { FlagKind } from './define-command.ts';

/** A point in time, as epoch milliseconds. Durations count back from now (`ago`) or on from now (`ahead`). */
export const time = (direction: 'ago' | 'ahead'): FlagKind<number> => ({
  expected: "a time such as '2h', '2030-01-31' or '2030-01-31T09:00:00Z'",
  parse: (raw) => parseTime(String(raw), direction),
});

/** `exponential:2s` or `fixed:100ms`. */
export const backoff: FlagKind<Backoff> = {
  expected: "a back-off such as 'exponential:2s' or 'fixed:100ms'",
  parse(raw) {
    const [, type, delay] = /^(exponential|fixed):(.+)$/.exec(String(raw)) ?? [];
    if (parseDuration(delay) === undefined) return undefined;
    return { type: type as Backoff['type'], delay: delay as Duration };
  },
};

/** `KEY` or `KEY:TTL`. A key may hold colons itself, so what follows the last one is a time only with its unit. */
export const dedupe: FlagKind<{ key: string; ttl?: Duration }> = {
  expected: "a key, or a key and a time such as 'order-1:10m'",
  parse(raw) {
    const [, key, ttl] = /^(.+?)(?::(\d+(?:\.\d+)?(?:ms|s|m|h|d|w)))?$/s.exec(String(raw)) ?? [];
    if (key === undefined) return undefined;
    return ttl === undefined ? { key } : { key, ttl: ttl as Duration };
  },
};

/** `100/s`, `600/m`: jobs per second. */
export const rate: FlagKind<number> = { expected: RATE_EXPECTED, parse: (raw) => parseRate(String(raw)) };

/** The same as so many jobs in a time of whole milliseconds: `100/s`, `0.5/s`. */
export const rateLimit: FlagKind<{ max: number; perMs: number }> = {
  expected: rate.expected,
  parse: (raw) => parseRateLimit(String(raw)),
};

/** What `jq dlq groups` calls a group. */
export const fingerprint: FlagKind<string> = {
  expected: "a fingerprint of 12 hexadecimal digits, as 'jq dlq groups' prints it",
  parse: (raw) => (/^[\da-f]{12}$/.test(String(raw)) ? String(raw) : undefined),
};

/** `user.id=7`: a place in a payload and what is to be there. */
export const assignment: FlagKind<Assignment> = {
  expected: "a path and a value such as 'user.id=7' or 'to=ada@example.com'",
  parse: (raw) => parseAssignment(String(raw)),
};
