import { type DeadLetterFilter, matchingPages } from './dead-letters.ts';
import { errorFingerprint, foldMessage } from './error-fingerprint.ts';
import type { Project } from './project.ts';

/** Dead letters with the same error. */
export interface DeadLetterGroup {
  fingerprint: string;
  type: string;
  /** The error with what differs from job to job folded. */
  error: string;
  count: number;
  queues: string[];
  firstAt: Date;
  lastAt: Date;
  /** Of the one that died last. */
  sampleId: string;
}

/** Dead letters that are looked at: beyond them the groups are those of the ones that died first. */
const MOST = 100_000;

/**
 * Dead letters by type and folded message, the largest group first.
 * @returns `complete` is false when there are more than {@link MOST} that fit, `total` how many were looked at
 * @throws JobQueueError UNKNOWN_QUEUE, JOB_NOT_FOUND
 */
export async function groupDeadLetters(
  project: Project,
  filter: DeadLetterFilter,
  { limit }: { limit: number },
): Promise<{ groups: DeadLetterGroup[]; total: number; complete: boolean }> {
  const groups = new Map<string, DeadLetterGroup>();
  let total = 0;
  for await (const page of matchingPages(project, filter, project.broker.clock.now())) {
    if (total >= MOST) return { groups: largest(groups, limit), total, complete: false };
    total += page.length;
    for (const { id, queue, type, error, diedAt } of page) {
      const at = new Date(diedAt);
      const folded = foldMessage(error);
      const key = `${type}\0${folded}`;
      const group = groups.get(key);
      if (!group) {
        const facts = { fingerprint: errorFingerprint(type, folded), type, error: folded };
        groups.set(key, { ...facts, count: 1, queues: [queue], firstAt: at, lastAt: at, sampleId: id });
        continue;
      }
      group.count += 1;
      if (!group.queues.includes(queue)) group.queues.push(queue);
      if (at < group.firstAt) group.firstAt = at;
      if (at >= group.lastAt) Object.assign(group, { lastAt: at, sampleId: id });
    }
  }
  return { groups: largest(groups, limit), total, complete: true };
}

const largest = (groups: Map<string, DeadLetterGroup>, limit: number): DeadLetterGroup[] =>
  [...groups.values()].toSorted((a, b) => b.count - a.count || b.lastAt.getTime() - a.lastAt.getTime()).slice(0, limit);
