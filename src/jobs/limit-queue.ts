import { type QueueLimits, readLimitedMs, readQueueSettings, setQueueLimits } from '../broker/queue-settings.ts';
import { JobQueueError } from '../errors.ts';
import { renderDuration } from '../lib/duration.ts';
import { audit } from './audit.ts';
import { queuesOf } from './find-jobs.ts';
import type { Project } from './project.ts';

/**
 * Limits how many jobs of a queue all its workers together run at a time, or start in a time; null takes a limit away.
 * @returns the limits that hold now
 * @throws JobQueueError UNKNOWN_QUEUE, USAGE for a rate that workers with a `rateLimit` of their own cannot count
 */
export async function limitQueue(
  project: Project,
  name: string,
  { concurrency, rate }: QueueLimits,
): Promise<Required<QueueLimits>> {
  await queuesOf(project, name);
  await setQueueLimits(project.broker, name, { concurrency, rate: rate && fitRate(project, name, rate) });
  await audit(project, { what: 'limit', count: 1, id: name });
  const settings = (await readQueueSettings(project.broker, [name])).get(name)!;
  return { concurrency: settings.concurrency, rate: settings.rate };
}

/** For how long yet (ms) no job of a queue is started because of its rate, as far as that is known. Cost: one round trip */
export const limitedFor = ({ broker, config }: Project, queue: string): Promise<number> =>
  readLimitedMs(broker, queue, config.values.queues[queue]?.rateLimit?.max);

/** A worker that is configured with a rate counts in the time of that one, whatever the queue says. */
function fitRate({ config }: Project, name: string, rate: NonNullable<QueueLimits['rate']>): typeof rate {
  const perMs = config.values.queues[name]?.rateLimit?.per;
  if (perMs === undefined) return rate;
  const max = (rate.max * perMs) / rate.perMs;
  if (Number.isInteger(max) && max >= 1) return { max, perMs };
  const per = renderDuration(perMs);
  throw new JobQueueError(
    'USAGE',
    `Expected a rate of whole jobs per ${per}, got ${rate.max} per ${renderDuration(rate.perMs)}`,
    {
      hint: `Workers count per ${per}: so says \`queues.${name}.rateLimit.per\` in the configuration`,
    },
  );
}
