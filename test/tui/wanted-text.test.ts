import { describe, expect, test } from 'vitest';
import { parseLimits, parseWhen } from '../../src/tui/actions/wanted-text.ts';

describe('when a job is to run', () => {
  test.each([
    ['10m', { delay: '10m' }],
    ['now', { delay: 0 }],
    [' 0 ', { delay: '0' }],
    ['priority 3', { priority: 3 }],
    ['p3', { priority: 3 }],
    ['2h priority 0', { delay: '2h', priority: 0 }],
    ['now p 1', { delay: 0, priority: 1 }],
  ])('%j', (text, edit) => expect(parseWhen(text)).toEqual(edit));

  test.each(['', 'soon', '10x', 'priority', 'priority -1', 'p9999999', '1h 2h', '1hp3', '-5m'])('not %j', (text) =>
    expect(parseWhen(text)).toBeUndefined(),
  );
});

describe('limits', () => {
  const perSecond = { max: 100, perMs: 1000 };
  test.each([
    ['3', { concurrency: 3, rate: null }],
    ['100/s', { concurrency: null, rate: perSecond }],
    ['3 100/s', { concurrency: 3, rate: perSecond }],
    ['100/s, 3', { concurrency: 3, rate: perSecond }],
    ['none', { concurrency: null, rate: null }],
  ])('%j', (text, limits) => expect(parseLimits(text)).toEqual(limits));

  test.each(['', '0', '3 4', '1/s 2/s', 'none 3', '3/x', '-1', '1e3', '12345678'])('not %j', (text) =>
    expect(parseLimits(text)).toBeUndefined(),
  );
});
