import type { Broker } from '../../src/broker/broker.ts';
import { JOB_STATES, type JobState } from '../../src/broker/job-state.ts';
import { listIds, readJobs } from '../../src/broker/read-jobs.ts';
import { unwrap } from '../../src/broker/redis.ts';
import type { Payload } from './project/observe.ts';

/** A job as it is found in Redis when all is over. */
export interface FoundJob {
  id: string;
  /** Its idempotency key, from its payload. */
  key: string;
  type: string;
  /** How long it was to wait, from its payload. */
  delayMs: number;
  /** Every set that has it: one, when all is well. */
  states: JobState[];
  attemptsMade: number;
  maxAttempts: number;
  error: string | null;
  /** What `once` has recorded of its effect, and what it returned; null when it has none. */
  recordedValue: string | null;
  returnedValue: string | null;
}

const PAGE = 1000;

/** Reads every job of a queue, in whatever state, while nothing works on it. Ids in a set without a job have the key ''. */
export async function scanQueue(broker: Broker, queue: string): Promise<FoundJob[]> {
  const found = new Map<string, FoundJob>();
  for (const state of JOB_STATES) {
    for (let offset = 0; ; offset += PAGE) {
      const ids = await listIds(broker, queue, state, offset, PAGE);
      if (ids.length === 0) break;
      for (const job of await readPage(broker, queue, ids)) {
        const known = found.get(job.id);
        if (known) known.states.push(state);
        else found.set(job.id, { ...job, states: [state] });
      }
    }
  }
  return [...found.values()];
}

async function readPage(broker: Broker, queue: string, ids: readonly string[]): Promise<Omit<FoundJob, 'states'>[]> {
  const records = new Map((await readJobs(broker, queue, ids)).map((record) => [record.id, record]));
  const steps = await broker.redis.pipeline(ids.map((id) => ['HGET', broker.keys.once(queue, id), 'effect']));
  return ids.map((id, index) => {
    const record = records.get(id);
    const step = unwrap<string | null>(steps[index]);
    const payload = record?.payload as Partial<Payload> | null | undefined;
    return {
      id,
      key: payload?.key ?? '',
      delayMs: payload?.delayMs ?? 0,
      type: record?.type ?? '',
      attemptsMade: record?.attemptsMade ?? 0,
      maxAttempts: record?.maxAttempts ?? 1,
      error: record?.error ?? null,
      recordedValue: step?.startsWith('D') ? valueOf(JSON.parse(step.slice(1))) : null,
      returnedValue: valueOf(record?.result),
    };
  });
}

const valueOf = (receipt: unknown): string | null => (receipt as { value?: string } | null | undefined)?.value ?? null;
