import { expect, it } from 'vitest';
import { addManyCalls } from '../../src/broker/add-calls.ts';
import { createKeys } from '../../src/broker/keys.ts';
import type { JobExtras, NewJob } from '../../src/broker/new-job.ts';
import { newJob } from '../helpers/new-job.ts';

/** How many kinds of jobs the script is told that these are. */
function kindsOf(...jobs: NewJob[]): number {
  const [call] = addManyCalls(createKeys('bull'), 'mail', jobs);
  return (JSON.parse(call!.args.at(-2) as string) as unknown[]).length;
}

type Own = 'id' | 'payload';
/** The same for all jobs of a call, and of jobs that are stored one by one. */
type Elsewhere = 'queue' | 'dedupe' | 'idempotency';

const base = newJob({});
// Whoever adds a field is told by the compiler to add it here, and by the test to compare it.
const other: Omit<NewJob, Own | Elsewhere | 'extras'> = {
  type: 'another',
  createdAt: base.createdAt + 1,
  delayMs: base.delayMs + 1,
  priority: base.priority + 1,
  attempts: base.attempts + 1,
  backoff: { ...base.backoff, delayMs: base.backoff.delayMs + 1 },
  keepCompleted: { ...base.keepCompleted, count: base.keepCompleted.count + 1 },
};
const otherExtras: Required<JobExtras> = { timeoutMs: 4711, expiresAt: 4711, by: 'another', fingerprint: 'another' };

it('takes jobs together that differ in id and payload only', () => {
  const like = { ...structuredClone(base), id: 'another', payload: { another: 1 } };
  expect(kindsOf(base, like, structuredClone(base))).toBe(1);
});

it.each(Object.entries(other))('keeps jobs apart that differ in %s', (name, value) => {
  expect(kindsOf(base, { ...base, [name]: value })).toBe(2);
});

it.each([
  ['backoff', { type: base.backoff.type === 'fixed' ? 'exponential' : 'fixed' }],
  ['backoff', { jitter: base.backoff.jitter + 0.1 }],
  ['keepCompleted', { ageMs: base.keepCompleted.ageMs + 1000 }],
  ...Object.entries(otherExtras).map(([name, value]) => ['extras', { [name]: value }] as const),
] as const)('keeps jobs apart that differ within %s: %j', (name, part) => {
  expect(kindsOf(base, { ...base, [name]: { ...base[name], ...part } })).toBe(2);
});
