import { md5Hex } from '../lib/digest.ts';
import type { Broker } from './broker.ts';
import { ENGINE } from './engine-scripts.ts';
import { removeJob } from './remove-job.ts';
import { runScript } from './script.ts';

/** The names that the next job of a schedule may have. @returns undefined when there is no such schedule */
export async function nextJobsOf({ redis, keys }: Broker, queue: string, id: string): Promise<string[] | undefined> {
  const nextAt = await redis.call('ZSCORE', keys.queue(queue, 'repeat'), id);
  if (nextAt === null) return undefined;
  return [`repeat:${id}:${String(nextAt)}`, `repeat:${oldNameOf(id)}:${String(nextAt)}`];
}

/**
 * What BullMQ called a schedule in the names of its jobs before it had job schedulers: the schedule's own id was
 * `name:jobId:endDate:tz:pattern`. https://docs.bullmq.io/guide/jobs/repeatable
 */
function oldNameOf(id: string): string {
  const [name = '', jobId = ''] = id.split(':');
  return md5Hex(`${name}${jobId}${md5Hex(id)}`);
}

/**
 * Removes a schedule and the job that it has added for its next time. What already waits or runs goes on.
 * @returns false when there is no such schedule
 */
export async function removeSchedule(broker: Broker, queue: string, id: string): Promise<boolean> {
  const { redis, keys } = broker;
  const next = await nextJobsOf(broker, queue, id);
  const parts = (['repeat', 'delayed', 'events'] as const).map((part) => keys.queue(queue, part));
  const missing = await runScript(redis, ENGINE.removeJobScheduler, [...parts, id, keys.queue(queue, '')]);
  if (missing !== 0) return false;
  // The script knows the newer name only.
  const old = next?.[1];
  if (old !== undefined && (await redis.call('ZSCORE', keys.queue(queue, 'delayed'), old)) !== null) {
    await removeJob(broker, queue, old);
  }
  return true;
}
