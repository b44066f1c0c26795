import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { assertHandler } from '../../src/handlers/assert-handler.ts';

const run = (): number => 1;

it('takes everything that a handler may have', () => {
  const handler = {
    description: 'Sends mail',
    input: z.object({ to: z.string() }),
    queue: 'mail',
    priority: 5,
    attempts: 3,
    backoff: { type: 'fixed', delay: '1s', jitter: 0.5 },
    timeout: '30s',
    expiresIn: 60_000,
    run,
  };
  expect(assertHandler(handler, 'mail.ts')).toBe(handler);
  expect(assertHandler({ run, queue: undefined }, 'mail.ts')).toEqual({ run });
});

it('takes a schema that is a function', () => {
  const input = Object.assign(() => true, {
    '~standard': { version: 1, vendor: 'own', validate: () => ({ value: 1 }) },
  });
  expect(assertHandler({ run, input }, 'mail.ts').input).toBe(input);
});

describe('a field that is wrong', () => {
  it.each([
    ['run', 'now', 'a function, got "now"'],
    ['input', { parse: run }, 'a Standard Schema (zod, valibot, arktype, …), got an object'],
    ['input', null, 'a Standard Schema (zod, valibot, arktype, …), got null'],
    ['queue', 'my queue', 'a queue name, got "my queue"'],
    ['queue', 5, 'a queue name, got 5'],
    ['priority', -1, 'an integer from 0 to 2097151, got -1'],
    ['priority', 2_097_152, 'an integer from 0 to 2097151, got 2097152'],
    ['priority', '5', 'an integer from 0 to 2097151, got "5"'],
    ['attempts', 0, 'an integer ≥ 1, got 0'],
    ['attempts', 1.5, 'an integer ≥ 1, got 1.5'],
    ['backoff', '2s', "an object such as { type: 'exponential', delay: '2s' }, got \"2s\""],
    ['backoff', null, "an object such as { type: 'exponential', delay: '2s' }, got null"],
    ['backoff', { type: 'linear', delay: 5 }, "an object such as { type: 'exponential', delay: '2s' }, got an object"],
    [
      'backoff',
      { type: 'fixed', delay: 5, jitter: 2 },
      "an object such as { type: 'exponential', delay: '2s' }, got an object",
    ],
    ['timeout', 'soon', 'a duration above 0 such as \'30s\', got "soon"'],
    ['timeout', 0, "a duration above 0 such as '30s', got 0"],
    ['expiresIn', '0s', 'a duration above 0 such as \'30s\', got "0s"'],
    ['description', 5, 'a text, got 5'],
    ['description', run, 'a text, got a function'],
  ])('is named with what was expected and what was got: %s %j', (name, value, rest) => {
    expect(() => assertHandler({ run, [name]: value }, 'mail.ts')).toThrow(
      expect.objectContaining({ code: 'HANDLER_BROKEN', message: `Expected \`${name}\` in mail.ts to be ${rest}` }),
    );
  });

  it('lists the fields that there are when one is unknown', () => {
    expect(() => assertHandler({ run, retries: 3 }, 'mail.ts')).toThrow(
      expect.objectContaining({
        message: 'Unknown field `retries` in mail.ts',
        hint: 'Fields: run, input, queue, priority, attempts, backoff, timeout, expiresIn, description',
      }),
    );
  });
});
