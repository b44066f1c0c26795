import type { FastifyInstance } from 'fastify';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { readVitals } from '../../src/broker/vitals.ts';
import { createApiKey } from '../../src/jobs/api-keys.ts';
import type { Scope } from '../../src/jobs/scopes.ts';
import { createReading } from '../../src/lib/reading.ts';
import { createApp } from '../../src/server/app.ts';
import { createMetrics } from '../../src/server/metrics/metrics.ts';
import { createKeyRing } from '../../src/server/key-ring.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { openTestProject } from '../helpers/test-project.ts';
import { sendRaw, startTestServer, statusOf, type TestServer } from './test-server.ts';

let redis: TestRedis;
let server: TestServer;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

const job = { type: 'anything', payload: 1 };
const stored = async (): Promise<number> =>
  Number(await server.project.broker.redis.call('LLEN', server.project.broker.keys.queue('default', 'wait')));

describe('#15 a page of another site', () => {
  afterEach(() => server.stop());

  it.each([
    'https://evil.test',
    'null',
    'http://localhost.evil.test',
    'http://localhost',
    'http://localhost:1',
    'file://',
    '',
  ])('from %s changes nothing', async (origin) => {
    server = await startTestServer(redis.url);
    const before = await stored();
    const { status, headers, body } = await server.call('POST', '/api/jobs', job, { origin });
    expect(status).toBe(403);
    expect(body.error.code).toBe('FOREIGN_ORIGIN');
    expect(headers.get('access-control-allow-origin')).toBeNull();
    expect(await stored()).toBe(before);
  });

  it('changes nothing with the key that a browser keeps for people either', async () => {
    server = await startTestServer(redis.url);
    const { authorization } = await server.key('admin', { name: 'person' });
    const basic = `Basic ${btoa(`me:${authorization.replace('Bearer ', '')}`)}`;
    const post = (headers: Record<string, string>) =>
      server.call('POST', '/api/jobs', job, { authorization: basic, ...headers });
    expect((await post({ origin: 'https://evil.test' })).status).toBe(403);
    expect((await post({ origin: server.url })).status).toBe(201);
    expect((await post({})).status).toBe(201);
  });

  it('gets no right to read, and none to ask', async () => {
    server = await startTestServer(redis.url);
    for (const [method, headers] of [
      ['GET', {}],
      ['OPTIONS', { 'access-control-request-method': 'POST' }],
    ] as const) {
      const answer = await server.call(method, '/api/jobs', undefined, { origin: 'https://evil.test', ...headers });
      expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });

  it('may do what its key may when its origin is configured, and no other', async () => {
    server = await startTestServer(redis.url, { server: { cors: { origins: ['https://app.example.com'] } } });
    const key = await server.key('enqueue,read');
    const origin = 'https://app.example.com';
    const preflight = await server.call('OPTIONS', '/api/jobs', undefined, {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe(origin);
    expect(preflight.headers.get('access-control-allow-credentials')).toBeNull();
    const asked = `origin: ${origin}\r\naccess-control-request-method: POST\r\nconnection: close`;
    const elsewhere = await sendRaw(server.port, `OPTIONS /api/jobs HTTP/1.1\r\nhost: evil.test\r\n${asked}\r\n\r\n`);
    expect(statusOf(elsewhere)).toBe(421);

    const posted = await server.call('POST', '/api/jobs', job, { origin, ...key });
    expect(posted.status).toBe(201);
    expect(posted.headers.get('access-control-allow-origin')).toBe(origin);
    expect((await server.call('POST', '/api/jobs', job, { origin })).status).toBe(401);
    const evil = await server.call('POST', '/api/jobs', job, { origin: 'https://evil.test', ...key });
    expect(evil.status).toBe(403);
    expect(evil.headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('#15 the Host header', () => {
  afterEach(() => server.stop());
  const statusFor = async (host: string, more = ''): Promise<number> =>
    statusOf(await sendRaw(server.port, `GET /livez HTTP/1.1\r\nhost: ${host}\r\n${more}connection: close\r\n\r\n`));

  it('may be a name that is configured, as a proxy on this machine passes it on', async () => {
    const redis = await startRedis();
    onTestFinished(() => redis.stop());
    // Such a server wants a key from the start.
    const config = { server: { allowedHosts: ['jobs.example.com'] } };
    await expect(startTestServer(redis.url, config)).rejects.toMatchObject({ code: 'UNSAFE_BIND', exitCode: 78 });
    server = await startTestServer(redis.url);
    const { key } = await createApiKey(server.project, { name: `first-${server.port}`, scopes: ['read'] });
    await server.stop();
    server = await startTestServer(redis.url, config);
    expect(await statusFor('jobs.example.com')).toBe(200);
    expect(await statusFor('JOBS.example.com:443')).toBe(200);
    expect(await statusFor('evil.test')).toBe(421);
    expect(await statusFor('10.0.0.1')).toBe(421);
    expect(await statusFor('evil.test', 'x-forwarded-host: jobs.example.com\r\n')).toBe(421);
    const own = { origin: 'https://jobs.example.com', authorization: `Bearer ${key}` };
    const lines = Object.entries(own).map(([name, value]) => `${name}: ${value}\r\n`);
    // Its own page may send what changes something; this key may not, which is found out after that.
    const answer = await sendRaw(
      server.port,
      `POST /api/jobs HTTP/1.1\r\nhost: jobs.example.com\r\n${lines.join('')}connection: close\r\n\r\n`,
    );
    expect(answer).toContain('"code":"FORBIDDEN"');
  });
});

describe('#16 what is shown in a browser, and what plugins add', () => {
  let app: FastifyInstance;
  const keys = new Map<string, string>();

  async function createTestApp() {
    const project = await openTestProject(redis);
    for (const scope of ['read', 'operate', 'admin', 'enqueue:mail'] satisfies Scope[]) {
      const name = `${scope.replace(':', '-')}-${Math.random().toString(36).slice(2)}`;
      keys.set(scope, (await createApiKey(project, { name, scopes: [scope] })).key);
    }
    const context = {
      project,
      log: pino({ level: 'silent' }),
      metrics: createMetrics(project),
      vitals: createReading(() => readVitals(project.broker, project.config.values.redis)),
      startedAtMs: 0,
      stopping: new AbortController().signal,
      streams: new Set<never>(),
    };
    const { app: made } = await createApp(context, createKeyRing(project));
    await made.register(async (scope) => void scope.get('/surprise', async () => 'hello'));
    await made.register(async (scope) => void scope.get('/administration', async () => 'hello'));
    onTestFinished(() => made.close());
    return made;
  }
  const get = (url: string, scope?: string, method: 'GET' | 'PUT' = 'GET', accept = 'text/html') =>
    app.inject({
      method,
      url,
      headers: { host: 'localhost', accept, ...(scope && { authorization: `Basic ${btoa(`x:${keys.get(scope)}`)}` }) },
    });
  const statusesOf = async (url: string, method: 'GET' | 'PUT' = 'GET') =>
    Promise.all(
      [undefined, 'enqueue:mail', 'read', 'operate', 'admin'].map(
        async (scope) => (await get(url, scope, method)).statusCode,
      ),
    );

  it('asks for the key that its page says, and is for admin keys without one', async () => {
    app = await createTestApp();
    expect(await statusesOf('/admin/queues')).toEqual([401, 403, 200, 200, 200]);
    const pause = '/admin/queues/api/queues/default/pause';
    expect(await statusesOf(pause, 'PUT')).toEqual([401, 403, 403, 200, 200]);
    expect(await statusesOf('/metrics')).toEqual([401, 403, 200, 200, 200]);
    expect(await statusesOf('/surprise')).toEqual([401, 403, 403, 403, 200]);
    expect(await statusesOf('/administration')).toEqual([401, 403, 403, 403, 200]);
  });

  it('asks people for a key, and programs not', async () => {
    app = await createTestApp();
    const challenge = async (...request: Parameters<typeof get>) => (await get(...request)).headers['www-authenticate'];
    expect(await challenge('/admin/queues')).toMatch(/^Basic realm=/);
    // What the page loads, too: the browser may have come in further down.
    expect(await challenge('/admin/queues/static/x.js', undefined, 'GET', '*/*')).toMatch(/^Basic /);
    expect(await challenge('/metrics')).toMatch(/^Bearer /);
    expect(await challenge('/api/jobs')).toMatch(/^Bearer /);
  });

  it('may run its own scripts and nothing of others; data may do nothing at all', async () => {
    app = await createTestApp();
    const origin = await app.listen({ port: 0, host: '127.0.0.1' });
    const headersOf = async (url: string, scope?: string) => {
      const headers = scope && { authorization: `Bearer ${keys.get(scope)}` };
      return Object.fromEntries((await fetch(origin + url, { headers: { accept: 'text/html', ...headers } })).headers);
    };
    const page = await headersOf('/admin/queues', 'read');
    expect(page['content-security-policy']).toContain("script-src 'self'");
    expect(page['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(page).toMatchObject({ 'x-frame-options': 'DENY', 'x-content-type-options': 'nosniff' });
    for (const [url, scope] of [
      ['/api/jobs', 'read'],
      ['/api/jobs', undefined],
      ['/livez', undefined],
      ['/nowhere', 'read'],
    ] as const) {
      expect(await headersOf(url, scope)).toMatchObject({
        'cache-control': 'no-store',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'x-frame-options': 'DENY',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
      });
    }
  });
});
