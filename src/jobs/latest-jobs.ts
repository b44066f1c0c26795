import { listLatest } from '../broker/list-latest.ts';
import { queuesOf } from './find-jobs.ts';
import { JOB_STATES } from './job.ts';
import type { Project } from './project.ts';
import { countByState, type JobWindow, readRows, WINDOW_REACH } from './window-jobs.ts';

/**
 * The jobs of a queue, or of all, whatever their state, to which something happened last, without payload and result:
 * those of them that are visible, among the first {@link WINDOW_REACH}.
 * @throws JobQueueError UNKNOWN_QUEUE
 */
export async function latestJobs(
  project: Project,
  { queue, start, amount }: { queue?: string | undefined; start: number; amount: number },
): Promise<JobWindow> {
  const queues = await queuesOf(project, queue);
  const { all, counts } = await countByState(project, queues);
  const total = JOB_STATES.reduce((sum, state) => sum + counts[state], 0);
  const reach = Math.min(total, WINDOW_REACH);
  const first = Math.max(0, Math.min(start, reach - amount));
  const last = Math.min(first + amount, reach);
  const places = queues.flatMap((each) =>
    JOB_STATES.flatMap((state) => (all.get(each)![state] > 0 ? [{ queue: each, state }] : [])),
  );
  const latest = last > first ? await listLatest(project.broker, places, last) : [];
  return { jobs: await readRows(project, latest.slice(first)), start: first, total, reach, counts };
}
