import type { DeadLetter } from '../broker/dead-letters.ts';
import { errorKey, fingerprintOfKey, foldMessage } from './error-fingerprint.ts';
import type { Project } from './project.ts';
import { type DeadLetterFilter, matchingPages } from './select-dead-letters.ts';

/** Dead letters with the same error. */
export interface DeadLetterGroup {
  /** What `--group` takes. */
  fingerprint: string;
  type: string;
  /** `TypeError`; null where the worker did not keep it. */
  errorName: string | null;
  /** The error with what differs from job to job folded. */
  error: string;
  count: number;
  queues: string[];
  firstAt: Date;
  lastAt: Date;
  /** How many died in each of {@link TREND_STEPS} equal parts of the time that is looked at. */
  trend: number[];
  /** Of the one that died last. */
  sampleId: string;
}

export interface DeadLetterGroups {
  groups: DeadLetterGroup[];
  /** How many were looked at. */
  total: number;
  /** False when there are more kinds of errors than are told apart: the letters of the others are in no group. */
  complete: boolean;
  /** The time that the trends are over. */
  trendFrom: Date;
  trendTo: Date;
}

/** Kinds of errors that are told apart: whoever writes the messages must not choose how much memory this takes. */
const MOST_GROUPS = 10_000;
const TREND_STEPS = 24;
const DAY_MS = 86_400_000;

/**
 * Dead letters by type, name of the error and folded message, the largest group first. The trend is that of the time
 * that the filter names, else of the last 24 hours.
 * @throws JobQueueError UNKNOWN_QUEUE, JOB_NOT_FOUND
 */
export async function groupDeadLetters(
  project: Project,
  filter: DeadLetterFilter,
  { limit }: { limit: number },
): Promise<DeadLetterGroups> {
  const groups = new Map<string, DeadLetterGroup>();
  const to = Math.max(1, filter.until ?? project.broker.clock.now());
  const from = Math.min(filter.since ?? to - DAY_MS, to - 1);
  let [total, complete] = [0, true];
  for await (const page of matchingPages(project, filter, { withNames: true })) {
    total += page.length;
    for (const letter of page) {
      const key = errorKey(letter);
      const group = groups.get(key);
      if (group) addTo(group, letter);
      else if (groups.size < MOST_GROUPS) groups.set(key, groupOf(key, letter));
      else complete = false;
      const step = Math.floor(((letter.diedAt - from) / (to - from)) * TREND_STEPS);
      const trend = groups.get(key)?.trend;
      if (trend && step >= 0) trend[Math.min(step, TREND_STEPS - 1)]! += 1;
    }
  }
  const largest = [...groups.values()].toSorted((a, b) => b.count - a.count || +b.lastAt - +a.lastAt).slice(0, limit);
  return { groups: largest, total, complete, trendFrom: new Date(from), trendTo: new Date(to) };
}

function groupOf(key: string, { id, queue, type, errorName, error, diedAt }: DeadLetter): DeadLetterGroup {
  const at = new Date(diedAt);
  return {
    fingerprint: fingerprintOfKey(key),
    type,
    errorName: errorName === '' ? null : errorName,
    error: foldMessage(error),
    count: 1,
    queues: [queue],
    firstAt: at,
    lastAt: at,
    trend: Array.from({ length: TREND_STEPS }, () => 0),
    sampleId: id,
  };
}

function addTo(group: DeadLetterGroup, { id, queue, diedAt }: DeadLetter): void {
  group.count += 1;
  if (!group.queues.includes(queue)) group.queues.push(queue);
  if (diedAt < +group.firstAt) group.firstAt = new Date(diedAt);
  if (diedAt < +group.lastAt) return;
  group.lastAt = new Date(diedAt);
  group.sampleId = id;
}
