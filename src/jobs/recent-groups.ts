import { listTimes } from '../broker/list-times.ts';
import { countStates } from '../broker/read-jobs.ts';
import { queuesOf } from './find-jobs.ts';
import { type DeadLetterGroups, groupDeadLetters } from './group-dead-letters.ts';
import type { Project } from './project.ts';

/** Dead letters that are looked at, however many there are. */
const LOOKED_AT = 5000;
const MOST = 1000;

export interface RecentGroups extends DeadLetterGroups {
  /** How many dead letters there are. */
  dead: number;
  /** The groups are of those that died then or later; null when they are of all. */
  since: number | null;
}

/**
 * The groups of the newest dead letters, about {@link LOOKED_AT} of them; of all when `whole`.
 * @throws JobQueueError UNKNOWN_QUEUE
 */
export async function groupRecent(
  project: Project,
  { queue, whole }: { queue?: string | undefined; whole: boolean },
): Promise<RecentGroups> {
  const { dead, since } = whole ? { dead: null, since: null } : await findNewest(project, queue);
  const found = await groupDeadLetters(project, { queue, since: since ?? undefined }, { limit: MOST });
  return { ...found, dead: dead ?? found.total, since };
}

/** How many dead letters there are, and since when about {@link LOOKED_AT} of them died; null when that is all of them. */
export async function findNewest(project: Project, queue?: string): Promise<{ dead: number; since: number | null }> {
  const queues = await queuesOf(project, queue);
  const counts = await countStates(project.broker, queues, ['failed']);
  const dead = [...counts.values()].reduce((sum, { failed }) => sum + failed, 0);
  return { dead, since: dead <= LOOKED_AT ? null : await startOf(project, queues, counts) };
}

/** Since when about so many have died: those of the queues that have most decide. */
async function startOf(
  { broker }: Project,
  queues: readonly string[],
  counts: ReadonlyMap<string, { failed: number }>,
): Promise<number> {
  const each = Math.ceil(LOOKED_AT / queues.length);
  const large = queues.filter((name) => counts.get(name)!.failed > each);
  const amount = Math.max(1, Math.floor(LOOKED_AT / Math.max(1, large.length)));
  const times = await listTimes(broker, large, 'failed', { amount, order: 'newest' });
  const oldest = Map.groupBy(times, ({ queue }) => queue);
  return Math.max(...[...oldest.values()].map((found) => Math.min(...found.map(({ at }) => at))));
}
