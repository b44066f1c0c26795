import type { QueueLimits } from '../../broker/queue-settings.ts';
import type { JobEdit } from '../../jobs/edit-job.ts';
import { type Duration, parseDuration } from '../../lib/duration.ts';
import { parseRateLimit } from '../../lib/rate.ts';
import { MOST_PRIORITY } from '../../options.ts';
import { nameOf, type Target } from './target.ts';

/** A text that has to be typed before something is done. */
export interface Wanted {
  /** What it is, for people. */
  asked: string;
  fits(text: string, targets: readonly Target[]): boolean;
}

/** `10m`, `now`, `priority 3`, `1h priority 0`. @returns undefined for anything else */
export function parseWhen(text: string): JobEdit | undefined {
  const [, delay, priority] = /^(\S*?)(?:(?:^|\s+)(?:priority|p)\s*(\d+))?$/i.exec(text.trim()) ?? [];
  const edit: JobEdit = {};
  if (priority !== undefined) edit.priority = Number(priority);
  if (delay) edit.delay = delay === 'now' ? 0 : (delay as Duration);
  const isWell = parseDuration(edit.delay ?? 0) !== undefined && (edit.priority ?? 0) <= MOST_PRIORITY;
  return isWell && Object.keys(edit).length > 0 ? edit : undefined;
}

/** `3`, `100/s`, `3 100/s`, `none`. What is not named is no limit. @returns undefined for anything else */
export function parseLimits(text: string): Required<QueueLimits> | undefined {
  const limits: Required<QueueLimits> = { concurrency: null, rate: null };
  const words = text.trim().split(/[\s,]+/);
  if (words[0] === 'none' && words.length === 1) return limits;
  for (const word of words) {
    const rate = parseRateLimit(word);
    if (rate && limits.rate === null) limits.rate = rate;
    else if (/^[1-9]\d{0,5}$/.test(word) && limits.concurrency === null) limits.concurrency = Number(word);
    else return undefined;
  }
  return limits;
}

export const WHEN: Wanted = {
  asked: 'In how long, and how urgent: 10m, now, priority 1, 2h priority 0',
  fits: (text) => parseWhen(text) !== undefined,
};
export const LIMITS: Wanted = {
  asked: 'How many at a time, and in a time: 3, 100/s, 3 100/s, none',
  fits: (text) => parseLimits(text) !== undefined,
};
export const NAME: Wanted = {
  asked: 'Type its name to confirm',
  fits: (text, [target]) => target !== undefined && text === nameOf(target),
};
