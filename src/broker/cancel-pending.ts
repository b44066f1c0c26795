import { now } from '../lib/clock.ts';
import { uuidV7 } from '../lib/uuid.ts';
import type { Broker } from './broker.ts';
import { pack } from './engine-scripts.ts';
import { runScript } from './script.ts';
import { CANCEL_PENDING, NOT_PENDING } from './scripts/cancel-pending.ts';

const PARTS = [
  ...(['wait', 'active', 'prioritized', 'events', 'stalled', 'limiter', 'delayed', 'paused', 'meta', 'pc'] as const),
  'failed',
] as const;

/** Makes a dead letter of a job that waits for its turn; see {@link CANCEL_PENDING}. @returns false when it does not (any more) */
export async function cancelPending(
  { redis, keys }: Broker,
  queue: string,
  id: string,
  reason: string,
): Promise<boolean> {
  const token = `cancel:${uuidV7()}`;
  const options = parseOptions((await redis.call('HGET', keys.job(queue, id), 'opts')) as string | null);
  const { attempts = 1, fpof, cpof, idof, rdof } = options;
  const parent = { fpof: !!fpof, cpof: !!cpof, idof: !!idof, rdof: !!rdof };
  const reply = await runScript(redis, CANCEL_PENDING, [
    ...PARTS.map((part) => keys.queue(queue, part)),
    keys.job(queue, id),
    keys.queue(queue, 'metrics:failed'),
    keys.queue(queue, 'marker'),
    id,
    now(),
    'failedReason',
    reason,
    'failed',
    // Fetches no other job.
    0,
    keys.queue(queue, ''),
    pack({ token, keepJobs: { count: -1 }, lockDuration: 1000, attempts, maxMetricsSize: '', ...parent }),
    '',
    token,
  ]);
  return reply !== NOT_PENDING;
}

/** A job's options as BullMQ stores them, by its short names; any program may have written them. */
function parseOptions(text: string | null): Record<string, unknown> {
  try {
    return (JSON.parse(text ?? '{}') ?? {}) as Record<string, unknown>;
  } catch {
    return {};
  }
}
