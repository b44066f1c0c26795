import { expect, it } from 'vitest';
import { pickEnvironment } from '../../../src/handlers/executable/environment.ts';

it('picks what programs need, and what is passed on by name', () => {
  const usual = {
    PATH: '/bin',
    HOME: '/root',
    LANG: 'C',
    LC_TIME: 'C',
    TZ: 'UTC',
    TMPDIR: '/tmp',
    https_proxy: 'http://p',
  };
  const others = {
    REDIS_URL: 'redis://:secret@host',
    JQ_REDIS_URL: 'redis://:secret@host',
    NODE_OPTIONS: '--inspect',
    LD_PRELOAD: 'x.so',
    XPATH: '1',
    PATH_INFO: '1',
    AWS_SECRET_ACCESS_KEY: 'secret',
  };
  expect(pickEnvironment({ ...usual, ...others })).toEqual(usual);
  expect(pickEnvironment({ ...usual, ...others, GONE: undefined }, ['REDIS_URL', 'GONE', 'UNSET'])).toEqual({
    ...usual,
    REDIS_URL: others.REDIS_URL,
  });
});
