import { JobQueueError } from '../errors.ts';
import { monotonicMs, sleep } from '../lib/clock.ts';
import { renderApproximateDuration } from '../lib/duration.ts';
import { getJob, locateJob } from './find-jobs.ts';
import type { Job } from './job.ts';
import type { Project } from './project.ts';

const FIRST_LOOK_MS = 10;
const SLOWEST_LOOK_MS = 250;

/**
 * The job once it is completed or dead. It is looked at, ever more slowly: events of Redis streams can be missed,
 * a state cannot.
 * @throws JobQueueError TIMED_OUT after `timeoutMs` or when `signal` aborts, JOB_NOT_FOUND
 */
export async function waitForJob(
  project: Project,
  id: string,
  {
    timeoutMs = Infinity,
    signal,
    queue,
  }: { timeoutMs?: number | undefined; signal?: AbortSignal | undefined; queue?: string | undefined } = {},
): Promise<Job> {
  const { redis, keys } = project.broker;
  const place = await locateJob(project, id, queue);
  const deadline = monotonicMs() + timeoutMs;
  for (let pause = FIRST_LOOK_MS; ; pause = Math.min(pause * 1.5, SLOWEST_LOOK_MS)) {
    const times = await redis.call('HMGET', keys.job(place, id), 'timestamp', 'finishedOn');
    const [createdAt, finishedAt] = times as (string | null)[];
    if (createdAt === null) throw new JobQueueError('JOB_NOT_FOUND', `Job ${id} was removed while it was waited for`);
    if (finishedAt !== null) {
      const job = await getJob(project, id, place);
      // `finishedOn` stays for a moment on a job that is on its way back.
      if (job.status === 'completed' || job.status === 'failed') return job;
    }
    const left = deadline - monotonicMs();
    if (left <= 0 || signal?.aborted) {
      const { status } = await getJob(project, id, place);
      throw new JobQueueError(
        'TIMED_OUT',
        `Job ${id} is still ${status}${Number.isFinite(timeoutMs) ? ` after ${renderApproximateDuration(timeoutMs)}` : ''}`,
        {
          hint: `It goes on: jq jobs show ${id}`,
        },
      );
    }
    await sleep(Math.min(pause, left), signal);
  }
}
