import { type KeyedJob, type KeyUse } from '../broker/key-uses.ts';
import type { NewJob } from '../broker/new-job.ts';
import { JobQueueError } from '../errors.ts';

/** @throws JobQueueError KEY_REUSED for a job whose key was used for another one, stored or before it in the list */
export function assertKeysFit(jobs: readonly KeyedJob[], uses: ReadonlyMap<NewJob, KeyUse>): void {
  const first = new Map<string, Pick<KeyUse, 'fingerprint' | 'type'>>();
  for (const job of jobs) {
    const { fingerprint } = job.idempotency;
    const other = uses.get(job) ?? first.get(job.id) ?? { fingerprint, type: job.type };
    first.set(job.id, other);
    if (other.fingerprint === fingerprint) continue;
    throw new JobQueueError(
      'KEY_REUSED',
      `The idempotency key was used before, for another ${other.type} job: ${job.id}`,
      { hint: 'The same key must come with the same type, payload and options' },
    );
  }
}
