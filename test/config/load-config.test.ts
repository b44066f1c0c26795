import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ConfigSources, loadConfig } from '../../src/config/load-config.ts';
import type { JobQueueError } from '../../src/errors.ts';
import { folderOf } from '../helpers/write-files.ts';

type Sources = Partial<Pick<ConfigSources, 'env' | 'flags'>>;

/** Loads a configuration file that holds `content`, as JSON when it is no text. */
async function load(content: unknown, { env = {}, flags = {} }: Sources = {}) {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  return loadConfig({ cwd: await folderOf({ 'jobqueue.config.json': text }), env, flags });
}

const refusal = (content: unknown, sources?: Sources): Promise<JobQueueError> =>
  load(content, sources).then(
    () => Promise.reject(new Error('it was not refused')),
    (error: JobQueueError) => error,
  );

describe('without any configuration', () => {
  it('has every default, as the program uses it', async () => {
    const { values, file } = await loadConfig({ cwd: await folderOf(), env: {} });
    expect(file).toBeUndefined();
    expect(values).toEqual({
      handlers: './handlers',
      redis: { prefix: 'bull', allowEviction: false, minReplicas: 0, tls: {} },
      queues: {},
      defaults: {
        attempts: 5,
        backoff: { type: 'exponential', delay: 2000, jitter: 0.2 },
        timeout: 300_000,
        keepCompleted: { age: 86_400_000, count: 10_000 },
      },
      work: { concurrency: 5, processes: 1, grace: 30_000 },
      server: {
        host: '127.0.0.1',
        port: 3000,
        bodyLimit: 262_144,
        maxConnections: 10_000,
        cors: {},
        rateLimit: { per: 60_000 },
        shedAt: 0.85,
      },
      log: { level: 'info' },
    });
  });

  it.each(['package.json', '.git', 'handlers', '.jobqueue'])(
    'takes the nearest folder with %s for the project',
    async (mark) => {
      const folder = await folderOf({ [`shop/${mark}/x`]: '', 'shop/src/deep/x': '' });
      const { folder: found } = await loadConfig({ cwd: path.join(folder, 'shop/src/deep'), env: {} });
      expect(found).toBe(path.join(folder, 'shop'));
    },
  );
});

describe('layers', () => {
  const file = { work: { concurrency: 2, grace: '1m' }, server: { port: 4000 } };
  const env = { JQ_CONCURRENCY: '3', JQ_PORT: '5000' };

  it('go default < file < environment < flag, and each value knows its own', async () => {
    const { values, origins } = await load(file, { env, flags: { 'work.concurrency': '4' } });
    expect(values.work).toMatchObject({ concurrency: 4, grace: 60_000 });
    expect(values.server).toMatchObject({ port: 5000, host: '127.0.0.1' });
    const originOf = (key: string) => origins.get(key)?.origin;
    expect(['work.concurrency', 'server.port', 'work.grace', 'server.host', 'work.queues'].map(originOf)).toEqual([
      '--concurrency',
      'JQ_PORT',
      'jobqueue.config.json',
      'default',
      undefined,
    ]);
    expect(origins.get('work.grace')?.value).toBe(60_000);
  });

  it('take the first of two names in the environment, and an empty one for none', async () => {
    const env = { JQ_REDIS_URL: '', REDIS_URL: 'redis://second' };
    expect((await load({}, { env })).origins.get('redis.url')).toMatchObject({
      value: 'redis://second',
      origin: 'REDIS_URL',
    });
    const both = await load({}, { env: { JQ_REDIS_URL: 'redis://first', REDIS_URL: 'redis://second' } });
    expect(both.values.redis.url).toBe('redis://first');
  });

  it('read texts as data: numbers, switches, lists, durations', async () => {
    const { values } = await load(
      {},
      { env: { JQ_ALLOW_EVICTION: '1', JQ_QUEUES: 'mail, default', JQ_GRACE: '90' }, flags: { 'server.port': '0' } },
    );
    expect(values.redis.allowEviction).toBe(true);
    expect(values.work).toMatchObject({ queues: ['mail', 'default'], grace: 90 });
    expect(values.server.port).toBe(0);
  });

  it('keep the environment for those who need it, and look at no other', async () => {
    const env = { JQ_PORT: '4321' };
    expect((await load({}, { env })).env).toBe(env);
  });
});

describe('queues', () => {
  it('may have dots in their names', async () => {
    const { values, origins } = await load({
      queues: { 'mail.eu.v2': { concurrency: 3, rateLimit: { max: 1, per: '1s' } } },
    });
    expect(values.queues['mail.eu.v2']).toEqual({ concurrency: 3, rateLimit: { max: 1, per: 1000 } });
    expect(origins.get('queues.mail.eu.v2.concurrency')?.path).toEqual(['queues', 'mail.eu.v2', 'concurrency']);
  });

  it('are there when nothing more is said of them', async () => {
    const { values } = await load({ queues: { reports: {} } });
    expect(Object.keys(values.queues)).toEqual(['reports']);
  });

  it('are no more than were named, whatever their names', async () => {
    const { values } = await load({ queues: { constructor: { concurrency: 1 } } });
    expect(Object.keys(values.queues)).toEqual(['constructor']);
    expect(values.queues['toString']).toBeUndefined();
    expect(values.queues['hasOwnProperty']).toBeUndefined();
  });
});

it('is frozen through and through', async () => {
  const { values } = await load({ work: { queues: ['mail'] }, queues: { mail: { concurrency: 1 } } });
  const parts: unknown[] = [values];
  for (const part of parts) {
    expect(Object.isFrozen(part)).toBe(true);
    parts.push(...Object.values(part as object).filter((value) => typeof value === 'object' && value !== null));
  }
  expect(parts.length).toBeGreaterThan(10);
});

describe('what is wrong', () => {
  it.each([
    [{ wirk: {} }, 'Unknown option `wirk` (jobqueue.config.json)', 'Did you mean "work"?'],
    [
      { work: { concurency: 1 } },
      'Unknown option `work.concurency` (jobqueue.config.json)',
      'Did you mean "concurrency"?',
    ],
    [
      { queues: { 'mail.v2': { maxdepht: 1 } } },
      'Unknown option `queues.mail.v2.maxdepht` (jobqueue.config.json)',
      'Did you mean "maxDepth"?',
    ],
    [{ log: { colour: true } }, 'Unknown option `log.colour` (jobqueue.config.json)', 'Options here: level'],
    [
      { work: { concurrency: { max: 3 } } },
      'Expected `work.concurrency` to be an integer from 1 to 10000, got an object (jobqueue.config.json)',
      undefined,
    ],
    [
      { work: { concurrency: 0 } },
      'Expected `work.concurrency` to be an integer from 1 to 10000, got 0 (jobqueue.config.json)',
      undefined,
    ],
    [{ work: 5 }, 'Expected `work` to be an object, got 5 (jobqueue.config.json)', undefined],
    [{ queues: ['mail'] }, 'Expected `queues` to be an object, got a list (jobqueue.config.json)', undefined],
    [{ queues: { mail: null } }, 'Expected `queues.mail` to be an object, got null (jobqueue.config.json)', undefined],
    [
      { queues: { 'my queue': {} } },
      'Expected the names in `queues` to be letters, digits and ._-, got "my queue" (jobqueue.config.json)',
      undefined,
    ],
    [
      '{"queues": {"__proto__": {"concurrency": 1}}}',
      'Expected the names in `queues` to be letters, digits and ._-, got "__proto__" (jobqueue.config.json)',
      undefined,
    ],
    [
      '{"__proto__": {"work": 1}}',
      'Unknown option `__proto__` (jobqueue.config.json)',
      'Options here: handlers, redis, queues, defaults, work, server, log',
    ],
    [
      { queues: { mail: { rateLimit: { max: 5 } } } },
      'Expected `queues.mail.rateLimit.per` beside `queues.mail.rateLimit.max`, got nothing (jobqueue.config.json)',
      undefined,
    ],
    [
      { queues: { 'a.b': { rateLimit: { per: '1s' } } } },
      'Expected `queues.a.b.rateLimit.max` beside `queues.a.b.rateLimit.per`, got nothing (jobqueue.config.json)',
      undefined,
    ],
    [
      { defaults: { timeout: 'soon' } },
      "Expected `defaults.timeout` to be a duration above 0 such as '250ms', '5s', '10m', '24h', '7d', got \"soon\" (jobqueue.config.json)",
      undefined,
    ],
    [{ handlers: '' }, 'Expected `handlers` to be a path, got "" (jobqueue.config.json)', undefined],
    [
      { handlers: 'x'.repeat(61), server: { host: '!'.repeat(80) } },
      `Expected \`server.host\` to be a host name or address, got "${'!'.repeat(60)}…" (jobqueue.config.json)`,
      undefined,
    ],
    [
      ['handlers'],
      'Expected jobqueue.config.json to export an object, got a list',
      'export default defineConfig({ … })',
    ],
    ['5', 'Expected jobqueue.config.json to export an object, got 5', 'export default defineConfig({ … })'],
  ])('in the file, as in %j', async (content, message, hint) => {
    expect(await refusal(content)).toMatchObject({ code: 'INVALID_CONFIG', exitCode: 2, message, hint });
  });

  it.each<[Sources, string]>([
    [{ env: { JQ_PORT: 'http' } }, 'Expected JQ_PORT to be an integer from 0 to 65535, got "http"'],
    [{ env: { JQ_QUEUES: 'mail,,x' } }, 'Expected JQ_QUEUES to be queue names, separated by commas, got "mail,,x"'],
    [
      { flags: { 'work.grace': 'long' } },
      "Expected --grace to be a duration such as '250ms', '5s', '10m', '24h', '7d', got \"long\"",
    ],
    [
      { env: { JQ_PORT: '1' }, flags: { 'server.port': '-1' } },
      'Expected --port to be an integer from 0 to 65535, got "-1"',
    ],
  ])('outside of it, as in %j', async (sources, message) => {
    expect(await refusal({}, sources)).toMatchObject({ code: 'INVALID_CONFIG', message });
  });

  it.each<[string, unknown, Sources]>([
    ['the file', { redis: { url: 'http://jq:hunter2@host' } }, {}],
    ['the environment', {}, { env: { REDIS_URL: 'postgres://jq:hunter2@host/db' } }],
  ])('never shows a password that stands in %s', async (_place, content, sources) => {
    const error = await refusal(content, sources);
    expect(error.message).toMatch(/or unix:\/\/ URL, got something else/);
    expect(JSON.stringify(error)).not.toContain('hunter2');
  });

  it('is an expected error, whatever the file holds', async () => {
    const value = fc.jsonValue({ maxDepth: 3 });
    const key = fc.constantFrom(
      'work',
      'queues',
      'redis',
      'handlers',
      'concurrency',
      'rateLimit',
      '__proto__',
      'x',
      'a.b',
    );
    const content = fc.dictionary(key, fc.oneof(value, fc.dictionary(key, fc.oneof(value, fc.dictionary(key, value)))));
    await fc.assert(
      fc.asyncProperty(content, async (each) => {
        const outcome = await load(each).then(
          () => 'loaded',
          ({ code }: JobQueueError) => code,
        );
        expect(['loaded', 'INVALID_CONFIG']).toContain(outcome);
      }),
      { numRuns: 20 },
    );
  });
});
