import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JobRecord } from '../../../src/broker/job-record.ts';
import { createMatcher } from '../../../src/jobs/filter/match.ts';
import { compileGlob } from '../../../src/jobs/filter/pattern.ts';
import { parseFilter } from '../../../src/jobs/filter/parse.ts';
import { JOB_STATES, type JobState } from '../../../src/jobs/job.ts';

const NOW = Date.UTC(2030, 0, 2);

const RECORD: JobRecord = {
  id: 'j_1',
  queue: 'mail',
  type: 'send-email',
  payload: { userId: 7, to: 'Ada@example.com', tags: ['urgent', 'eu'], user: { vip: true, note: null } },
  attemptsMade: 4,
  attemptsStarted: 5,
  maxAttempts: 5,
  priority: 2,
  delayMs: 0,
  delayAtFirstMs: 0,
  createdAt: NOW - 7_200_000,
  processedAt: NOW - 61_000,
  finishedAt: NOW - 60_000,
  progress: 40,
  result: { accepted: 3 },
  error: 'Error: connect ECONNREFUSED 10.0.0.5:25',
  stacktrace: [],
  replays: 1,
  batch: 'r_1',
  extras: {},
};
const fits = (text: string, parts: Partial<JobRecord> = {}, state: JobState = 'failed') =>
  createMatcher(parseFilter(text), NOW).fits({ ...RECORD, ...parts }, state);

describe('createMatcher', () => {
  it.each([
    ['type:send-email', true],
    ['type:Send-Email', false],
    ['type:send', false],
    ['type:send-*', true],
    ['type:*-emai?', true],
    ['type:a,send-email', true],
    ['!type:a,send-email', false],
    ['type:/^send/', true],
    ['type:/^SEND/', false],
    ['type:/^SEND/i', true],
    ['queue:mail id:j_1 batch:r_*', true],
    ['state:failed', true],
    ['status:pending', false],
    ['error:econnrefused', true],
    ['error:connect*25', true],
    ['error:"connect  "', false],
    ['error:/ECONN(REFUSED|RESET) \\d+/', true],
    ['since:2030-01-01T23:58:00Z', true],
    ['since:2030-01-02T00:00:00Z', false],
    ['until:2030-01-01T23:59:00Z', true],
    ['age:2h', true],
    ['age:<2h', false],
    ['ran:1s..2s', true],
    ['attempts:>3 attempts:<=4 attempts:4', true],
    ['attempts:>4', false],
    ['priority:1..2 progress:>39 replays:1', true],
    ['payload.userId:7', true],
    ['payload.userId:"7"', true],
    ['payload.userId:>6.5', true],
    ['payload.userId:>7', false],
    ['payload.userId:5..7', true],
    ['payload.to:ada@example.com', false],
    ['payload.to:Ada@*', true],
    ['payload.tags:eu', true],
    ['payload.tags.0:urgent', true],
    ['payload.to.length:15', false],
    ['payload.user.vip:true', true],
    ['payload.user.note:null', true],
    ['payload.nothing:*', false],
    ['!payload.nothing:*', true],
    ['payload:ada@EXAMPLE', true],
    ['payload.toString:*', false],
    ['result.accepted:>=3', true],
    ['econnrefused', true],
    ['ada@example', true],
    ['j_1 send', true],
    ['nowhere', false],
    ['!nowhere !queue:bulk', true],
  ])('%s: %s', (text, expected) => {
    expect(fits(text)).toBe(expected);
  });

  it('a job that has not ended goes by when it was added, and has no time of running', () => {
    const parts = { finishedAt: null, error: null };
    expect(fits('since:2030-01-01T22:00:00Z', parts, 'waiting')).toBe(true);
    expect(fits('since:2030-01-01T22:00:01Z', parts, 'waiting')).toBe(false);
    expect(fits('ran:>=0s', parts, 'active')).toBe(false);
    expect(fits('error:*', parts, 'waiting')).toBe(false);
  });

  it('reads only what the filter asks about', () => {
    const reads = (text: string) => createMatcher(parseFilter(text), NOW).reads.toSorted();
    expect(reads('queue:mail state:failed id:a')).toEqual([]);
    expect(reads('type:a error:b type:c')).toEqual(['failedReason', 'name']);
    expect(reads('payload.a:1 since:2h')).toEqual(['data', 'finishedOn', 'timestamp']);
  });

  it('knows which states, queues and times can fit', () => {
    const matcher = createMatcher(
      parseFilter('!status:completed,failed !queue:b* since:2030-01-01 until:2030-01-02'),
      NOW,
    );
    expect(matcher.states).toEqual(['waiting', 'prioritized', 'delayed', 'waiting-children', 'active']);
    expect(['mail', 'bulk'].map((queue) => matcher.admits(queue))).toEqual([true, false]);
    expect([matcher.since, matcher.until]).toEqual([Date.UTC(2030, 0, 1), Date.UTC(2030, 0, 2)]);
    // What is negated, or one of several, is no bound.
    expect(createMatcher(parseFilter('!since:2030-01-01 until:2029-01-01,2030-01-02'), NOW)).toMatchObject({
      since: -Infinity,
      until: Infinity,
    });
  });

  it('judges as a naive reading of the filter does', () => {
    const word = fc.constantFrom('a', 'ab', 'b', '7', 'x');
    const number = fc.integer({ min: 0, max: 4 });
    const naive: Record<string, (value: string, record: JobRecord, state: JobState) => boolean> = {
      type: (value, { type }) => type === value,
      error: (value, { error }) => error?.includes(value) ?? false,
      'payload.k': (value, { payload }) => String((payload as { k: unknown }).k) === value,
      attempts: (value, { attemptsMade }) => attemptsMade === Number(value),
      state: (value, _record, state) => state === value,
    };
    const atom = fc.oneof(
      fc.tuple(fc.constantFrom('type', 'error', 'payload.k'), fc.array(word, { minLength: 1, maxLength: 3 })),
      fc.tuple(fc.constant('attempts'), fc.array(number.map(String), { minLength: 1, maxLength: 2 })),
      fc.tuple(fc.constant('state'), fc.array(fc.constantFrom(...JOB_STATES), { minLength: 1, maxLength: 2 })),
    );
    const record = fc.record({
      type: word,
      error: fc.option(word),
      attemptsMade: number,
      payload: fc.record({ k: fc.oneof(word, fc.constant(7)) }),
    });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.boolean(), atom), { maxLength: 3 }),
        record,
        fc.constantFrom(...JOB_STATES),
        (terms, parts, state) => {
          const text = terms
            .map(([negated, [field, values]]) => `${negated ? '!' : ''}${field}:${values.join(',')}`)
            .join(' ');
          const job = { ...RECORD, ...parts };
          const expected = terms.every(
            ([negated, [field, values]]) => values.some((value) => naive[field]!(value, job, state)) !== negated,
          );
          expect(createMatcher(parseFilter(text), NOW).fits(job, state), text).toBe(expected);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('#23 what an attacker wrote does not hang us', () => {
  const LONG = `${'a'.repeat(50_000)}b`;

  it.each([
    'error:/(a+)+$/',
    'error:/(a|a)*c/',
    'error:/(.*a){20}$/',
    `error:${'*a'.repeat(50)}*c*`,
    'payload:/(a+)+$/',
  ])('%s', (text) => {
    const matcher = createMatcher(parseFilter(text), NOW);
    const began = performance.now();
    matcher.fits({ ...RECORD, error: LONG, payload: LONG }, 'failed');
    expect(performance.now() - began).toBeLessThan(1000);
  });
});

describe('compileGlob', () => {
  it('is what the pattern with .* and . is', () => {
    const letter = fc.constantFrom('a', 'b', '*', '?');
    fc.assert(
      fc.property(
        fc.string({ unit: letter, maxLength: 6 }),
        fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 }),
        (glob, text) => {
          const pattern = new RegExp(`^${glob.replace(/\*/g, '.*').replace(/\?/g, '.')}$`);
          expect(compileGlob(glob)(text), glob).toBe(pattern.test(text));
        },
      ),
      { numRuns: 3000 },
    );
  });
});
