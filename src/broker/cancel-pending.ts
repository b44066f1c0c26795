import { now } from '../lib/clock.ts';
import { uuidV7 } from '../lib/uuid.ts';
import type { Broker } from './broker.ts';
import { pack } from './engine-scripts.ts';
import { unwrap } from './redis.ts';
import { type FoundIds, SLACK } from './remove-jobs.ts';
import { runScript, runScriptForEach } from './script.ts';
import { BRING_FORWARD } from './scripts/bring-forward.ts';
import { CANCEL_PENDING, NOT_PENDING, OF_SCHEDULER } from './scripts/cancel-pending.ts';

const PARTS = [
  ...(['wait', 'active', 'prioritized', 'events', 'stalled', 'limiter', 'delayed', 'paused', 'meta', 'pc'] as const),
  'failed',
] as const;

/** What became of a job that was to be dead: it may not be pending (any more), or be the next one of a scheduler, and so stays. */
export type Cancellation = 'done' | 'not-pending' | 'of-scheduler';

/** Makes a dead letter of a job that waits for its turn; see {@link CANCEL_PENDING}. */
export async function cancelPending(broker: Broker, queue: string, id: string, reason: string): Promise<Cancellation> {
  const [outcome] = await cancelEach(broker, queue, [id], reason);
  return outcome!;
}

/** The same with jobs of one state as a scan has found them. @returns what became of each, in their order */
export async function cancelAllPending(
  broker: Broker,
  { queue, state, ids, start, length }: FoundIds,
  reason: string,
): Promise<Cancellation[]> {
  const { redis, keys } = broker;
  if (state === 'waiting') {
    const lists = [keys.queue(queue, 'wait'), keys.queue(queue, 'paused')];
    await runScript(redis, BRING_FORWARD, [...lists, start, length + SLACK, ...ids]);
  }
  return cancelEach(broker, queue, ids, reason);
}

async function cancelEach(
  { redis, keys }: Broker,
  queue: string,
  ids: readonly string[],
  reason: string,
): Promise<Cancellation[]> {
  const options = await redis.pipeline(ids.map((id) => ['HGET', keys.job(queue, id), 'opts']));
  const replies = await runScriptForEach(
    redis,
    CANCEL_PENDING,
    ids.map((id, index) => {
      const token = `cancel:${uuidV7()}`;
      const { attempts = 1, fpof, cpof, idof, rdof } = parseOptions(unwrap<string | null>(options[index]));
      const parent = { fpof: !!fpof, cpof: !!cpof, idof: !!idof, rdof: !!rdof };
      return [
        ...PARTS.map((part) => keys.queue(queue, part)),
        keys.job(queue, id),
        keys.queue(queue, 'metrics:failed'),
        keys.queue(queue, 'marker'),
        keys.queue(queue, 'repeat'),
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
      ];
    }),
  );
  return replies.map((reply) =>
    reply === NOT_PENDING ? 'not-pending' : reply === OF_SCHEDULER ? 'of-scheduler' : 'done',
  );
}

/** A job's options as BullMQ stores them, by its short names; any program may have written them. */
function parseOptions(text: string | null): Record<string, unknown> {
  try {
    return (JSON.parse(text ?? '{}') ?? {}) as Record<string, unknown>;
  } catch {
    return {};
  }
}
