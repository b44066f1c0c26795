import { readLogs } from '../broker/read-jobs.ts';
import { sleep } from '../lib/clock.ts';
import { getJob, locateJob } from './find-jobs.ts';
import type { Job } from './job.ts';
import type { Project } from './project.ts';

const FIRST_LOOK_MS = 25;
const SLOWEST_LOOK_MS = 500;

interface FollowOptions {
  queue?: string | undefined;
  signal: AbortSignal;
  onLine(line: string): void;
}

/**
 * Hands out the log lines of a job, those that it has and then each new one, until it is completed or dead, or `signal`
 * aborts. It looks, more slowly the longer nothing happens.
 * @returns the finished job, or `undefined` when it was aborted
 * @throws JobQueueError JOB_NOT_FOUND, also when it is removed meanwhile
 */
export async function followLogs(
  project: Project,
  id: string,
  { queue, signal, onLine }: FollowOptions,
): Promise<Job | undefined> {
  const place = await locateJob(project, id, queue);
  let seen: string[] = [];
  for (let pause = FIRST_LOOK_MS; !signal.aborted; pause = Math.min(pause * 1.5, SLOWEST_LOOK_MS)) {
    // The state first: what was logged before the end is then there.
    const job = await getJob(project, id, place);
    const lines = await readLogs(project.broker, place, id);
    const fresh = lines.slice(overlap(seen, lines));
    fresh.forEach(onLine);
    if (job.status === 'completed' || job.status === 'failed') return job;
    if (fresh.length > 0) pause = FIRST_LOOK_MS;
    seen = lines;
    await sleep(pause, signal);
  }
  return undefined;
}

/** How many of the first lines are the last ones of `before`: only the newest lines of a job are kept, so they move. */
export function overlap(before: readonly string[], lines: readonly string[]): number {
  for (let start = Math.max(0, before.length - lines.length); start < before.length; start += 1) {
    if (before.slice(start).every((line, index) => line === lines[index])) return before.length - start;
  }
  return 0;
}
