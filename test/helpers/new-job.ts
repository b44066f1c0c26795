import type { NewJob } from '../../src/broker/new-job.ts';

let made = 0;

/** A job that is ready to be stored, with an id of its own. */
export function newJob(parts: Partial<NewJob> = {}): NewJob {
  return {
    id: `j_${(made += 1)}`,
    queue: 'mail',
    type: 'send-email',
    payload: { to: 'ada@example.com' },
    createdAt: Date.parse('2026-11-22T10:00:00Z'),
    delayMs: 0,
    priority: 0,
    attempts: 5,
    backoff: { type: 'exponential', delayMs: 2000, jitter: 0.2 },
    keepCompleted: { ageMs: 86_400_000, count: 10_000 },
    dedupe: undefined,
    idempotency: undefined,
    extras: { timeoutMs: 30_000 },
    ...parts,
  };
}
