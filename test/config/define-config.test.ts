import { expect, expectTypeOf, it } from 'vitest';
import { defineConfig } from '../../src/config/define-config.ts';
import type { ConfigInput, ConfigValues } from '../../src/options.ts';

it('gives back what it gets, and its type takes all that may be written', () => {
  const config: ConfigInput = {
    handlers: './jobs',
    redis: { url: 'redis://127.0.0.1', prefix: 'bull', allowEviction: false },
    queues: { 'mail.v2': { concurrency: 10, rateLimit: { max: 100, per: '1s' }, maxDepth: 5 }, reports: {} },
    defaults: { attempts: 3, backoff: { type: 'fixed', delay: 500, jitter: 0 }, timeout: '5m' },
    work: { queues: ['mail.v2'], grace: 30_000 },
    server: { bodyLimit: '1mb' },
    log: { level: 'debug' },
  };
  expect(defineConfig(config)).toBe(config);
});

it('refuses the rest while it is written', () => {
  // @ts-expect-error no such option
  defineConfig({ handler: './jobs' });
  // @ts-expect-error no such option of a queue
  defineConfig({ queues: { mail: { concurency: 1 } } });
  // @ts-expect-error not a duration
  defineConfig({ work: { grace: '30 seconds' } });
  // @ts-expect-error not a kind of back-off
  defineConfig({ defaults: { backoff: { type: 'linear' } } });
  // @ts-expect-error a number, not a text
  defineConfig({ server: { port: '3000' } });
  expectTypeOf<ConfigInput['log']>().toEqualTypeOf<
    { level?: 'debug' | 'info' | 'warn' | 'error' | 'silent' } | undefined
  >();
});

it('is numbers inside, and optional only where there is no default', () => {
  expectTypeOf<ConfigValues['work']['grace']>().toEqualTypeOf<number>();
  expectTypeOf<ConfigValues['server']['bodyLimit']>().toEqualTypeOf<number>();
  expectTypeOf<ConfigValues['redis']['url']>().toEqualTypeOf<string | undefined>();
  expectTypeOf<ConfigValues['queues'][string]>().not.toBeAny();
});
