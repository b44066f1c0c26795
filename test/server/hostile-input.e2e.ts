import fs from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Job } from '../../src/jobs/job.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { startJq } from '../helpers/run-jq.ts';
import {
  createProjectFolder,
  type ErrorAnswer,
  sendRaw,
  startTestServer,
  statusOf,
  type TestServer,
} from './test-server.ts';

let redis: TestRedis;
let server: TestServer;

beforeAll(async () => {
  redis = await startRedis();
  server = await startTestServer(redis.url, { server: { bodyLimit: '1mb' } });
});

afterAll(async () => {
  await server.stop();
  await redis.stop();
});

/** Whatever came: the server still takes work, and nothing failed inside it. */
async function expectSoundServer(): Promise<void> {
  const { status } = await server.call('POST', '/api/jobs', { type: 'greet', payload: { name: 'Ada' } });
  expect(status).toBe(201);
  expect(server.log.filter(({ level }) => (level as number) >= 50)).toEqual([]);
}

afterEach(expectSoundServer);

const storedJobs = async (): Promise<number> => (await server.call<{ total: number }>('GET', '/api/jobs')).body.total;

const inPayload = (json: string): string => `{"type": "anything", "payload": ${json}}`;
const nested = (levels: number): string => inPayload('['.repeat(levels) + ']'.repeat(levels));
const withHeaders = (...lines: string[]): string => `${lines.join('\r\n')}\r\nconnection: close\r\n\r\n`;

describe('#11 keys that reach for a prototype', () => {
  const forms = [
    '{"__proto__": {"polluted": true}}',
    String.raw`{"\u005f_proto__": {"polluted": true}}`,
    '{"constructor": {"prototype": {"polluted": true}}}',
    String.raw`{"constr\u0075ctor": {"\u0070rototype": {"polluted": true}}}`,
  ];

  it.each([...forms, ...forms.map(inPayload), ...forms.map((form) => inPayload(`[[${form}]]`))])(
    'answers 400 to %s',
    async (body) => {
      const before = await storedJobs();
      const answer = await server.call('POST', '/api/jobs', body);
      expect(answer.status).toBe(400);
      expect(answer.body.error).toMatchObject({
        code: 'INVALID_JSON',
        message: expect.stringContaining('not allowed') as string,
      });
      expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
      expect(await storedJobs()).toBe(before);
    },
  );

  it('takes the word constructor as plain data', async () => {
    const { status, body } = await server.call<Job>(
      'POST',
      '/api/jobs',
      inPayload('{"constructor": "x", "toString": 1}'),
    );
    expect(status).toBe(201);
    expect(body.payload).toEqual({ constructor: 'x', toString: 1 });
  });
});

describe('#9 nesting', () => {
  it('takes 32 levels and refuses 33', async () => {
    expect((await server.call('POST', '/api/jobs', nested(31))).status).toBe(201);
    const { status, body } = await server.call('POST', '/api/jobs', nested(32));
    expect(status).toBe(400);
    expect(body.error.message).toBe('The body is nested too deep: expected at most 32 levels');
  });

  it.each([
    ['a list 100,000 deep', nested(100_000)],
    ['one that never ends', '['.repeat(500_000)],
    ['objects', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
    ['brackets that do not match', '[},'.repeat(200_000)],
  ])('answers 400 to %s', async (_name, body) => {
    const answer = await server.call('POST', '/api/jobs', body);
    expect(answer.status).toBe(400);
    expect(answer.body.error.code).toBe('INVALID_JSON');
  });
});

const NAMES = [
  'wait',
  'meta',
  'events',
  'id',
  'a:b',
  'a:b:c:d',
  '*',
  '..',
  '../x',
  '/etc/passwd',
  'file:///etc/passwd',
  'data:text/javascript,1',
  '__proto__',
  'constructor',
  'toString',
  'greet\0',
  '\0',
  '\u001B]52;c;eA==\u0007',
  '\u202E',
  '0',
  '0:1',
  'x'.repeat(5000),
];

describe('#20 handlers', () => {
  it.each(NAMES)('no file is loaded because a job has the type %j', async (name) => {
    const { status, body } = await server.call('POST', '/api/jobs', { type: name, payload: {} });
    expect(status).toBe(400);
    expect(body.error.code).toMatch(/^(USAGE|UNKNOWN_TYPE)$/);
    expect(JSON.stringify(body).length).toBeLessThan(1000);
  });

  it('are warned of where every user of the machine can change them', async () => {
    const { folder, remove } = await createProjectFolder();
    await fs.chmod(path.join(folder, 'handlers'), 0o777);
    const serve = startJq(['serve', '--port', '0', '--redis', redis.url], { cwd: folder });
    const [warning] = await serve.says(/"warn".*every user.*/);
    expect(warning).toMatch(/can change handlers, .*chmod -R o-w handlers"/);
    serve.child.kill();
    await serve.finished;
    await remove();
  });
});

describe('#8 names', () => {
  it.each(NAMES)('no job has the id %j', async (name) => {
    const { status, body } = await server.call('GET', `/api/jobs/${encodeURIComponent(name).replaceAll('.', '%2E')}`);
    expect(status).toBe(404);
    expect(body.error.code).toMatch(/^(JOB|ROUTE)_NOT_FOUND$/);
  });

  it.each(NAMES)('no queue has the name %j', async (name) => {
    const stored = await server.call('POST', '/api/jobs', { type: 'anything', payload: {}, options: { queue: name } });
    expect([400, 404]).toContain(stored.status);
    const listed = await server.call('GET', `/api/jobs?queue=${encodeURIComponent(name)}`);
    expect([400, 404]).toContain(listed.status);
  });

  it.each(NAMES)('%j is as good a deduplication key as any', async (name) => {
    const send = () =>
      server.call<Job>('POST', '/api/jobs', { type: 'anything', payload: {}, options: { dedupe: name } });
    const first = await send();
    expect(first.status).toBe(name.length > 255 ? 400 : 201);
    expect((await send()).status).toBe(name.length > 255 ? 400 : 200);
  });
});

describe('texts that are not UTF-8 or not a path', () => {
  it('answers 400 to a body with broken UTF-8', async () => {
    const body = Buffer.concat([
      Buffer.from('{"type": "anything", "payload": "'),
      Buffer.from([0xff, 0xfe]),
      Buffer.from('"}'),
    ]);
    const response = await fetch(`${server.url}/api/jobs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect(response.status).toBe(400);
    expect(((await response.json()) as ErrorAnswer).error).toMatchObject({
      code: 'INVALID_JSON',
      message: 'The body is not JSON: it is not UTF-8',
    });
  });

  it.each(['/api/jobs/%', '/api/jobs/%zz', '/api/jobs/%ff'])('answers 400 to %s', async (path) => {
    const answer = await sendRaw(server.port, withHeaders(`GET ${path} HTTP/1.1`, 'host: localhost'));
    expect(statusOf(answer)).toBe(400);
    expect(answer).toContain('"code":"MALFORMED_REQUEST"');
  });
});

describe('#14 requests on the wire', () => {
  it.each([
    ['a line that ends with LF alone', 'x-smuggled: a\nx-more: b'],
    ['a chunk whose length is none', 'transfer-encoding: chunked', 'x-last: 1\r\n\r\nzz\r\n'],
    ['two transfer-encodings', 'transfer-encoding: chunked', 'transfer-encoding: identity'],
    ['content-length and transfer-encoding', 'content-length: 4', 'transfer-encoding: chunked'],
    ['two content-lengths', 'content-length: 4', 'content-length: 5'],
    ['a folded header', 'x-folded: a', ' b'],
    ['a header without a name', ': a'],
    ['no Host header'],
  ])('answers 400 to one with %s, and closes', async (name, ...headers) => {
    const host = name.startsWith('no Host') ? [] : ['host: localhost'];
    const answer = await sendRaw(
      server.port,
      withHeaders('POST /api/jobs HTTP/1.1', ...host, 'content-type: application/json', ...headers),
    );
    expect(statusOf(answer)).toBe(400);
  });

  it('answers 400 to what is not HTTP, in the shape of every error', async () => {
    const answer = await sendRaw(server.port, 'hello\r\n\r\n');
    expect(statusOf(answer)).toBe(400);
    expect(JSON.parse(answer.split('\r\n\r\n')[1]!)).toEqual({
      error: { code: 'MALFORMED_REQUEST', message: 'The request is not valid HTTP' },
    });
  });

  it('answers 431 to headers over 8 KB', async () => {
    const answer = await sendRaw(
      server.port,
      withHeaders('GET /livez HTTP/1.1', 'host: localhost', `x-big: ${'x'.repeat(9000)}`),
    );
    expect(statusOf(answer)).toBe(431);
    expect(answer).toContain('"code":"HEADERS_TOO_LARGE"');
  });

  it.each(['evil.test', 'evil.test:3000', 'localhost.evil.test', '10.0.0.1', '0.0.0.0'])(
    'answers 421 to the host %s',
    async (host) => {
      for (const path of ['/livez', '/health', '/api/jobs', '/nowhere']) {
        const answer = await sendRaw(server.port, withHeaders(`GET ${path} HTTP/1.1`, `host: ${host}`));
        expect(statusOf(answer)).toBe(421);
        expect(answer).toContain('"code":"WRONG_HOST"');
      }
    },
  );

  it.each(['localhost', '127.0.0.1:1', '[::1]:3000'])('answers the host %s', async (host) => {
    expect(statusOf(await sendRaw(server.port, withHeaders('GET /livez HTTP/1.1', `host: ${host}`)))).toBe(200);
  });

  it('#15 gives no other origin a right, and says how its answers are to be taken', async () => {
    const { headers } = await server.call('GET', '/livez', undefined, { origin: 'https://evil.test' });
    expect(headers.get('access-control-allow-origin')).toBeNull();
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cache-control')).toBe('no-store');
  });
});
