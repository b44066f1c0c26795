import { describe, expect, it } from 'vitest';
import { checkJobOptions, JOB_OPTION_NAMES } from '../../src/jobs/job-options.ts';

const refusal = (options: object): unknown => {
  try {
    checkJobOptions(options);
    return 'taken';
  } catch (error) {
    return error;
  }
};

it('knows the options of a job, and no more', () => {
  expect(JOB_OPTION_NAMES.toSorted()).toEqual(
    ['at', 'attempts', 'backoff', 'dedupe', 'delay', 'expiresIn', 'id', 'priority', 'queue', 'timeout'].toSorted(),
  );
});

describe('good options', () => {
  it.each([
    {},
    { queue: 'mail.v2', delay: '5m', priority: 0, attempts: 1, timeout: 1, expiresIn: '7d' },
    { at: new Date('2030-01-31T09:00:00Z') },
    { at: '2030-01-31T09:00:00Z' },
    { at: 1_900_000_000_000 },
    { backoff: { type: 'fixed', delay: 0 }, priority: 2_097_151, attempts: 1000 },
    { backoff: { type: 'exponential', delay: '2s', jitter: 1 } },
    { id: 'order 7: “paid”', dedupe: { key: 'x'.repeat(255), ttl: '1h' } },
    { dedupe: 'x' },
    { queue: undefined, delay: undefined, at: undefined },
  ])('are taken: %j', (options) => expect(refusal(options)).toBe('taken'));
});

describe('bad options', () => {
  it.each([
    [{ queue: 'my queue' }, 'Expected `queue` to be a queue name: letters, digits and ._-, got "my queue"'],
    [{ queue: 5 }, 'Expected `queue` to be a queue name: letters, digits and ._-, got 5'],
    [{ delay: '-5m' }, 'Expected `delay` to be a duration such as \'5m\', got "-5m"'],
    [{ delay: null }, "Expected `delay` to be a duration such as '5m', got null"],
    [{ at: 'tomorrow' }, 'Expected `at` to be a time such as 2030-01-31T09:00:00Z, got "tomorrow"'],
    [{ at: '2030-02-31' }, 'Expected `at` to be a time such as 2030-01-31T09:00:00Z, got "2030-02-31"'],
    [{ at: new Date('no') }, 'Expected `at` to be a time such as 2030-01-31T09:00:00Z, got null'],
    [{ at: 1e300 }, 'Expected `at` to be a time such as 2030-01-31T09:00:00Z, got 1e+300'],
    [{ at: true }, 'Expected `at` to be a time such as 2030-01-31T09:00:00Z, got true'],
    [{ priority: -1 }, 'Expected `priority` to be an integer from 0 (none) to 2097151, got -1'],
    [{ priority: 2_097_152 }, 'Expected `priority` to be an integer from 0 (none) to 2097151, got 2097152'],
    [{ priority: '1' }, 'Expected `priority` to be an integer from 0 (none) to 2097151, got "1"'],
    [{ attempts: 0 }, 'Expected `attempts` to be an integer from 1 to 1000, got 0'],
    [{ attempts: 1001 }, 'Expected `attempts` to be an integer from 1 to 1000, got 1001'],
    [
      { backoff: { type: 'linear', delay: 1 } },
      'Expected `backoff` to be an object such as { type: \'exponential\', delay: \'2s\' }, got {"type":"linear","delay":1}',
    ],
    [
      { backoff: { type: 'fixed', delay: 1, max: 2 } },
      'Expected `backoff` to be an object such as { type: \'exponential\', delay: \'2s\' }, got {"type":"fixed","delay":1,"max":2}',
    ],
    [{ timeout: 0 }, "Expected `timeout` to be a duration above 0 such as '30s', got 0"],
    [{ expiresIn: '0s' }, 'Expected `expiresIn` to be a duration above 0 such as \'1h\', got "0s"'],
    [{ id: '' }, 'Expected `id` to be a text of 1 to 255 characters, got ""'],
    [{ id: 7 }, 'Expected `id` to be a text of 1 to 255 characters, got 7'],
    [{ dedupe: { ttl: 5 } }, 'Expected `dedupe` to be a key of 1 to 255 characters, or { key, ttl }, got {"ttl":5}'],
    [
      { dedupe: { key: 'x', replace: true } },
      'Expected `dedupe` to be a key of 1 to 255 characters, or { key, ttl }, got {"key":"x","replace":true}',
    ],
    [{ dedupe: null }, 'Expected `dedupe` to be a key of 1 to 255 characters, or { key, ttl }, got null'],
    [{ delay: '5m', at: '2030-01-31' }, 'Expected `delay` or `at`, got both'],
  ])('are refused: %j', (options, message) => {
    expect(refusal(options)).toMatchObject({ code: 'USAGE', message });
  });

  it.each([
    [{ prioritty: 1 }, 'prioritty', 'Did you mean "priority"?'],
    [{ removeOnFail: true }, 'removeOnFail', undefined],
    [{ jobId: 'wait' }, 'jobId', undefined],
    [{ toString: 1 }, 'toString', undefined],
    [JSON.parse('{"__proto__": {}}') as object, '__proto__', undefined],
  ])('are refused when there are none of that name: %j', (options, name, hint) => {
    expect(refusal(options)).toMatchObject({ code: 'USAGE', message: `Unknown job option \`${name}\``, hint });
  });
});
