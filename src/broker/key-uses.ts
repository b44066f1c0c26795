import type { NewJob } from './new-job.ts';
import type { Broker } from './broker.ts';
import { decodeJob, JOB_FIELDS } from './job-record.ts';
import { unwrap } from './redis.ts';

/** For so long an idempotency key is remembered at least, whatever becomes of its job. */
export const KEY_KEPT_MS = 86_400_000;

/** What an idempotency key was used for. */
export interface KeyUse {
  /** Hash of what was asked for. */
  fingerprint: string;
  /** A mark of the call that used it first. */
  call: string;
  type: string;
  /** The job that came of it: its own, or the one that it was a duplicate of. */
  id: string;
}

/** A job that has an idempotency key. */
export type KeyedJob = NewJob & { idempotency: NonNullable<NewJob['idempotency']> };
export const isKeyed = (job: NewJob): job is KeyedJob => job.idempotency !== undefined;

/** What is written down before the job is stored; its id comes after it. None of the parts can hold a space. */
export const renderKeyUse = ({ type, idempotency: { fingerprint, call } }: KeyedJob): string =>
  `${fingerprint} ${call} ${type} `;

export function parseKeyUse(text: string): KeyUse {
  const [fingerprint = '', call = '', type = '', ...id] = text.split(' ');
  return { fingerprint, call, type, id: id.join(' ') };
}

/** What the keys of these jobs were used for, in one round trip; those that were not used are left out. */
export async function readKeyUses({ redis, keys }: Broker, jobs: readonly KeyedJob[]): Promise<Map<NewJob, KeyUse>> {
  if (jobs.length === 0) return new Map();
  const replies = await redis.pipeline(
    jobs.flatMap(({ queue, id }) => [
      ['GET', keys.keyUse(queue, id)],
      ['HMGET', keys.job(queue, id), ...JOB_FIELDS],
    ]),
  );
  return new Map(
    jobs.flatMap((job, index) => {
      const held = unwrap<string | null>(replies[2 * index]);
      if (held !== null) return [[job, parseKeyUse(held)] as const];
      // A job that outlived its key's time knows itself what it was asked for.
      const record = decodeJob(job.queue, job.id, unwrap<(string | null)[]>(replies[2 * index + 1]));
      if (!record) return [];
      const { fingerprint = '' } = record.extras;
      return [[job, { fingerprint, call: '', type: record.type, id: job.id }] as const];
    }),
  );
}
