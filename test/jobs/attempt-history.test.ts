import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAttempt, renderAttempt } from '../../src/jobs/attempt-history.ts';

const FACTS = {
  attempt: 2,
  maxAttempts: 5,
  startedAt: new Date('2026-11-22T10:00:00.123Z'),
  worker: 'host-1/812',
  durationMs: 531.4,
};

describe('the history of an attempt', () => {
  it('is a first line before the stack', () => {
    expect(renderAttempt(FACTS, 'Error: boom\n    at run (mail.ts:3:9)')).toBe(
      '[attempt 2/5 2026-11-22T10:00:00.123Z host-1/812 531ms] Error: boom\n    at run (mail.ts:3:9)',
    );
  });

  it('is read back', () => {
    const facts = fc.record({
      attempt: fc.integer({ min: 1, max: 1000 }),
      maxAttempts: fc.integer({ min: 1, max: 1000 }),
      startedAt: fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true }),
      worker: fc.stringMatching(/^[\w.-]+\/\d+$/),
      durationMs: fc.nat(),
    });
    const stack = fc.array(fc.stringMatching(/^[^\s\u2028\u2029][^\n\r\u2028\u2029]*$/), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(facts, stack, (written, [error, ...frames]) => {
        expect(parseAttempt(renderAttempt(written, [error, ...frames].join('\n')))).toEqual({
          attempt: written.attempt,
          at: written.startedAt,
          worker: written.worker,
          durationMs: written.durationMs,
          error,
          stack: frames.map((line) => line.trim()),
        });
      }),
    );
  });

  it('never grows beyond what a job may hold', () => {
    expect(renderAttempt(FACTS, 'x'.repeat(100_000))).toHaveLength(8192);
  });

  it('is without facts when a plain BullMQ worker wrote it', () => {
    expect(parseAttempt('Error: boom\n    at run (mail.ts:3:9)')).toEqual({
      attempt: null,
      at: null,
      worker: null,
      durationMs: null,
      error: 'Error: boom',
      stack: ['at run (mail.ts:3:9)'],
    });
    expect(parseAttempt('')).toMatchObject({ attempt: null, error: '', stack: [] });
  });

  it.each(['[attempt x]', '[attempt 1/2 yesterday host/1 5ms] boom', '[attempt 1/2 2026-11-22T10:00:00Z host/1] boom'])(
    'is not read out of a stack that only looks like one: %s',
    (stack) => expect(parseAttempt(stack)).toMatchObject({ at: null, error: stack }),
  );
});
