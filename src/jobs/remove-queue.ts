import { dropQueue, dropSchedulers } from '../broker/drop-queue.ts';
import { pauseQueue, resumeQueue } from '../broker/pause-queue.ts';
import { readQueueSettings } from '../broker/queue-settings.ts';
import { countStates } from '../broker/read-jobs.ts';
import { JobQueueError } from '../errors.ts';
import { count } from '../lib/text.ts';
import { audit } from './audit.ts';
import { changeMatching } from './change-matching.ts';
import { createFilter, type Filter } from './filter/filter.ts';
import { queuesOf } from './find-jobs.ts';
import type { Project } from './project.ts';

/** All jobs of one queue. */
export const jobsOf = (queue: string): Filter =>
  createFilter([{ field: 'queue', path: [], negated: false, values: [{ kind: 'text', text: queue }] }]);

/**
 * Removes a queue and all that is in it: jobs of every state, schedulers, limits, its pause. It is paused first, so that
 * nothing starts meanwhile; stopped, it stays so, and the same again goes on.
 * @returns how many jobs went with it, and whether it is gone
 * @throws JobQueueError UNKNOWN_QUEUE; JOB_STATE while jobs of it run, or when some came meanwhile
 */
export async function removeQueue(
  project: Project,
  name: string,
  { signal, onProgress }: { signal?: AbortSignal | undefined; onProgress?: (removed: number) => void } = {},
): Promise<{ removed: number; isGone: boolean }> {
  const { broker } = project;
  await queuesOf(project, name);
  await assertIdle(project, name);
  const { paused } = (await readQueueSettings(broker, [name])).get(name)!;
  await pauseQueue(broker, name, project.caller.who);
  try {
    // One may have been taken just before.
    await assertIdle(project, name);
  } catch (error) {
    if (!paused) await resumeQueue(broker, name);
    throw error;
  }
  await dropSchedulers(broker, name);
  const removed = await changeMatching(project, 'remove', jobsOf(name), { scanLimit: Infinity, signal, onProgress });
  if (signal?.aborted) return { removed, isGone: false };
  if (!(await dropQueue(broker, name))) {
    throw new JobQueueError('JOB_STATE', `Queue ${name} got new jobs meanwhile: it is paused, and they are kept`, {
      hint: `The same again removes them too; jq queues resume ${name} lets them run`,
    });
  }
  await audit(project, { what: 'remove-queue', count: 1, id: name });
  return { removed, isGone: true };
}

async function assertIdle({ broker }: Project, queue: string): Promise<void> {
  const { active } = (await countStates(broker, [queue], ['active'])).get(queue)!;
  if (active === 0) return;
  throw new JobQueueError(
    'JOB_STATE',
    `Queue ${queue} cannot be removed: ${count(active, 'job')} of it ${active === 1 ? 'runs' : 'run'}`,
    {
      hint: `Pause it and wait, or cancel them: jq jobs cancel --queue ${queue} --state active`,
    },
  );
}
