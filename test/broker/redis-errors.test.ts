import { expect, it } from 'vitest';
import { tellsCondition } from '../../src/broker/redis-errors.ts';

it.each([
  ["READONLY You can't write against a read only replica. script: 696, on @user_script:679.", true],
  ["OOM command not allowed when used memory > 'maxmemory'.", true],
  // Redis 6 of a script.
  ['ERR Error running script (call to f_69): @user_script:6: @user_script: 6: -MISCONF Redis is configured to', true],
  ['WRONGTYPE Operation against a key holding the wrong kind of value', false],
  ['Missing lock for job j_1. moveToFinished', false],
  ['the job READONLY is gone', false],
])('knows whether "%s" tells the condition of the server: %s', (message, tells) => {
  expect(tellsCondition(message)).toBe(tells);
});
