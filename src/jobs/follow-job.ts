import { readSigns } from '../broker/read-jobs.ts';
import { monotonicMs, sleep } from '../lib/clock.ts';
import { getJob, locateJob } from './find-jobs.ts';
import type { Job } from './job.ts';
import type { Project } from './project.ts';

const FIRST_LOOK_MS = 25;
const SLOWEST_LOOK_MS = 500;

/**
 * A job as it is now, then each time that something about it has changed, until it is completed or dead; `null` when
 * nothing did for `quietMs`. It is looked at, more slowly the longer nothing happens: events of Redis streams can be
 * missed, a state cannot. It ends as well when `signal` aborts, or the job is removed.
 *
 * @throws JobQueueError JOB_NOT_FOUND with the first look
 */
export async function* followJob(
  project: Project,
  id: string,
  { queue, quietMs, signal }: { queue?: string | undefined; quietMs: number; signal: AbortSignal },
): AsyncGenerator<Job | null> {
  const place = await locateJob(project, id, queue);
  let signs: string | undefined;
  let pause = FIRST_LOOK_MS;
  let saidAt = monotonicMs();
  while (!signal.aborted) {
    // Read before the job itself, so that what changes in between is seen with the next look.
    const found = await readSigns(project.broker, place, id);
    if (found === undefined && signs !== undefined) return;
    if (found !== signs) {
      signs = found;
      pause = FIRST_LOOK_MS;
      saidAt = monotonicMs();
      const job = await getJob(project, id, place);
      yield job;
      if (job.status === 'completed' || job.status === 'failed') return;
    } else if (monotonicMs() - saidAt >= quietMs) {
      saidAt = monotonicMs();
      yield null;
    }
    await sleep(pause, signal);
    pause = Math.min(pause * 1.5, SLOWEST_LOOK_MS);
  }
}
