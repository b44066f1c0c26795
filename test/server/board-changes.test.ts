import { expect, it } from 'vitest';
import { describeChange } from '../../src/server/pages/board-changes.ts';

it.each([
  ['/pause', { what: 'pause', count: 1 }],
  ['/mail/resume', { what: 'resume', count: 1, queue: 'mail' }],
  ['/mail/obliterate', { what: 'drain', count: 1, queue: 'mail' }],
  ['/mail/concurrency', { what: 'change', count: 1, queue: 'mail' }],
  ['/mail/retry/failed?x=1', { what: 'replay', count: 1, queue: 'mail', filter: { state: 'failed' } }],
  ['/mail/clean/completed', { what: 'clean', count: 1, queue: 'mail', filter: { state: 'completed' } }],
  ['/mail/j_1/retry', { what: 'retry', count: 1, queue: 'mail', id: 'j_1' }],
  ['/a%2Fb/j%201/clean', { what: 'remove', count: 1, queue: 'a/b', id: 'j 1' }],
  ['/mail/j_1/update-data', { what: 'change', count: 1, queue: 'mail', id: 'j_1' }],
  ['/mail/job-schedulers/nightly/remove', { what: 'change', count: 1, queue: 'mail', id: 'job-schedulers' }],
  ['/mail/add', undefined],
])('%s', (path, change) => {
  expect(describeChange(path)).toEqual(change);
});
