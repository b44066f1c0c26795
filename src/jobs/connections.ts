import { type Connection, createConnectionLook, LOOK_EVERY_MS } from '../broker/connections.ts';
import { JobQueueError } from '../errors.ts';
import { sees } from './caller.ts';
import type { Project } from './project.ts';

export { type Connection, LOOK_EVERY_MS };

/** More nobody reads. */
const MOST = 500;

/**
 * Looks at the connections of BullMQ's workers and of those who listen to its events, again and again: at most {@link MOST}
 * of them, those that came last before the others, and how many there are.
 * @throws JobQueueError FORBIDDEN where it is not allowed to list them
 */
export function watchConnections(project: Project): () => Promise<{ connections: Connection[]; total: number }> {
  const look = createConnectionLook(project.broker);
  return async () => {
    const all = await look();
    if (!all)
      throw new JobQueueError('FORBIDDEN', 'This user may not list the clients of Redis: it takes +client|list');
    const seen = all.filter(({ queue }) => sees(project, queue));
    return { connections: seen.toSorted((a, b) => a.ageMs - b.ageMs).slice(0, MOST), total: seen.length };
  };
}
