import type { Json } from '../lib/json.ts';
import type { Broker } from './broker.ts';
import { runScript } from './script.ts';
import { setAside } from './set-aside.ts';
import { EDIT_JOB } from './scripts/edit-job.ts';

/** What is to change of a job; what is left out stays. */
export interface JobChange {
  payload?: Json | undefined;
  priority?: number | undefined;
  /** From `at` on; 0 is now. */
  delayMs?: number | undefined;
  /** Epoch milliseconds. */
  at: number;
}

const PARTS = [
  'wait',
  'prioritized',
  'delayed',
  'waiting-children',
  'active',
  'completed',
  'failed',
  'pc',
  'marker',
  'meta',
  'events',
  'paused',
] as const;

/** Changes a job that nobody has taken yet; see {@link EDIT_JOB}. @returns what came of it; unless it is done, nothing is changed */
export async function editJob(
  { redis, keys }: Broker,
  queue: string,
  id: string,
  change: JobChange,
): Promise<'done' | 'missing' | 'taken'> {
  const hash = keys.job(queue, id);
  const { payload, priority, delayMs, at } = change;
  for (;;) {
    const fields = (await redis.call('HMGET', hash, 'opts', 'timestamp')) as (string | null)[];
    const before = fields[0] ?? '';
    const answer = (await runScript(redis, EDIT_JOB, [
      hash,
      ...PARTS.map((part) => keys.queue(queue, part)),
      id,
      before,
      changeOptions(before, Number(fields[1] ?? at), change),
      payload === undefined ? '' : JSON.stringify(payload),
      priority ?? '',
      delayMs ?? '',
      delayMs === undefined ? '' : at + delayMs,
    ])) as 'done' | 'missing' | 'taken' | 'changed';
    // Only another edit of the same job comes between, and that one is done then.
    if (answer !== 'changed') {
      await setAside({ redis, keys }, queue);
      return answer;
    }
  }
}

/** The job's options, in which BullMQ and we ourselves look again when it runs; '' when they stay or cannot be read. */
function changeOptions(text: string, createdAt: number, { priority, delayMs, at }: JobChange): string {
  if (priority === undefined && delayMs === undefined) return '';
  const options = parseObject(text);
  if (options === undefined) return '';
  if (priority !== undefined) options.priority = priority;
  if (delayMs !== undefined) {
    const extras = options.jq as { expiresAt?: number } | undefined;
    const dueBefore = createdAt + (Number(options.delay) || 0);
    // It expires so long after it is due.
    if (typeof extras?.expiresAt === 'number') extras.expiresAt += at + delayMs - dueBefore;
    options.delay = Math.max(0, at + delayMs - createdAt);
  }
  return JSON.stringify(options);
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === 'object' && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
