import net from 'node:net';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Job } from '../../src/jobs/job.ts';
import type { Project } from '../../src/jobs/project.ts';
import { startServer } from '../../src/server/server.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { beginRequest, type ErrorAnswer, startTestServer, statusOf, type TestServer } from './test-server.ts';

let redis: TestRedis;
let server: TestServer;

beforeAll(async () => {
  redis = await startRedis();
});

afterEach(() => server.stop());

afterAll(() => redis.stop());

const addJob = async (): Promise<Job> =>
  (await server.call<Job>('POST', '/api/jobs', { type: 'greet', payload: { name: 'Ada' } })).body;
const canConnect = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });

/** The same project, told to listen elsewhere. */
const listeningOn = (project: Project, address: { host?: string; port?: number }): Project => ({
  ...project,
  config: {
    ...project.config,
    values: { ...project.config.values, server: { ...project.config.values.server, ...address } },
  },
});
const silentLog = pino({ level: 'silent' });

describe('start', () => {
  it.each(['0.0.0.0', '::', '192.0.2.1', 'example.com'])(
    '#1 refuses %s without keys, before there is a socket',
    async (host) => {
      server = await startTestServer(redis.url);
      const listen = vi.spyOn(net.Server.prototype, 'listen');
      await expect(startServer(listeningOn(server.project, { host }), { log: silentLog })).rejects.toMatchObject({
        code: 'UNSAFE_BIND',
        exitCode: 78,
        message: `Refused to listen on ${host} without API keys: other machines reach it`,
        hint: expect.stringContaining('jq keys create') as string,
      });
      expect(listen).not.toHaveBeenCalled();
      listen.mockRestore();
    },
  );

  it('#1 listens there with one, and then wants one for everything', async () => {
    const own = await startRedis();
    onTestFinished(() => own.stop());
    server = await startTestServer(own.url);
    const { authorization } = await server.key('read');
    const log = pino({ level: 'warn' }, { write: (line: string) => void warnings.push(line) });
    const warnings: string[] = [];
    const other = await startServer(listeningOn(server.project, { host: '0.0.0.0', port: 0 }), { log });
    onTestFinished(() => other.stop());
    const { port } = new URL(other.url);
    const get = async (headers = {}) => (await fetch(`http://127.0.0.1:${port}/api/jobs`, { headers })).status;
    expect([await get(), await get({ authorization })]).toEqual([401, 200]);
    expect(warnings.join('')).toContain('not encrypted');
  });

  it('#1 goes on wanting one when all keys are gone, as after Redis lost its data', async () => {
    const own = await startRedis();
    onTestFinished(() => own.stop());
    server = await startTestServer(own.url);
    const headers = await server.key('read');
    const status = async (each = {}) => (await server.call('GET', '/api/jobs', undefined, each)).status;
    await expect.poll(async () => [await status(), await status(headers)]).toEqual([401, 200]);
    await server.project.broker.redis.call('FLUSHALL');
    await expect.poll(async () => [await status(), await status(headers)]).toEqual([401, 401]);
  });

  it.each([
    ['127.0.0.1', /^http:\/\/127\.0\.0\.1:\d+$/],
    ['localhost', /^http:\/\/127\.0\.0\.1:\d+$/],
    ['127.0.0.2', /^http:\/\/127\.0\.0\.2:\d+$/],
  ])('listens on %s', async (host, url) => {
    server = await startTestServer(redis.url);
    const other = await startServer(listeningOn(server.project, { host, port: 0 }), { log: silentLog });
    expect(other.url).toMatch(url);
    expect((await fetch(`${other.url}/livez`)).status).toBe(200);
    await other.stop();
  });

  it('says so when the port is taken', async () => {
    server = await startTestServer(redis.url);
    const { port } = server;
    await expect(startServer(listeningOn(server.project, { port }), { log: silentLog })).rejects.toMatchObject({
      code: 'FAILED',
      message: `Cannot listen on 127.0.0.1:${port} (EADDRINUSE)`,
      hint: expect.stringContaining('--port') as string,
    });
    expect((await server.call('GET', '/livez')).status).toBe(200);
  });
});

describe('stop', () => {
  it('frees the port, and may be called twice', async () => {
    server = await startTestServer(redis.url);
    await server.call('GET', '/livez');
    await Promise.all([server.stop(), server.stop()]);
    expect(await canConnect(server.port)).toBe(false);
  });

  it('answers those who wait for a job with 503 at once', async () => {
    server = await startTestServer(redis.url);
    const { id } = await addJob();
    const looks = vi.spyOn(server.project.broker.redis, 'call');
    const waiting = [1, 2, 3].map(() => server.call('GET', `/api/jobs/${id}?wait=5m`));
    await expect
      .poll(() => looks.mock.calls.filter(([command]) => command === 'HMGET').length)
      .toBeGreaterThanOrEqual(3);
    await server.stop();
    for (const { status, headers, body } of await Promise.all(waiting)) {
      expect(status).toBe(503);
      expect(headers.get('retry-after')).toBe('2');
      expect(body).toEqual({ error: { code: 'STOPPING', message: 'The server is stopping' } });
    }
  });

  it('lets what runs finish, and takes nothing more on its connection', async () => {
    server = await startTestServer(redis.url);
    const body = JSON.stringify({ type: 'greet', payload: { name: 'Ada' } });
    const { socket, answer } = await beginRequest(
      server.port,
      'POST /api/jobs HTTP/1.1',
      'content-type: application/json',
      `content-length: ${body.length}`,
    );
    const stopped = server.stop();
    await expect.poll(() => canConnect(server.port)).toBe(false);
    socket.write(`${body}GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n`);
    await stopped;

    const [, first, ...more] = (await answer).split(/(?=HTTP\/1\.1)/);
    expect(statusOf(first!)).toBe(201);
    expect(first).toContain('connection: close');
    expect(more).toEqual([]);
  });

  it('cuts a request that does not end in time', async () => {
    server = await startTestServer(redis.url);
    const { answer } = await beginRequest(
      server.port,
      'POST /jobs HTTP/1.1',
      'content-type: application/json',
      'content-length: 9',
    );
    await server.stop();
    expect(await answer).toBe('HTTP/1.1 100 Continue\r\n\r\n');
  });
});

/** What the log has to say of a request, once it is answered. */
const requestLine = (requestId: string) =>
  server.log.find((each) => each.requestId === requestId && each.msg === 'request');

describe('the log', () => {
  it('has one line per request, with the id that the caller gets back', async () => {
    server = await startTestServer(redis.url);
    const { headers } = await server.call('GET', '/api/jobs?type=secret-query');
    const id = headers.get('x-request-id')!;
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    await expect
      .poll(() => requestLine(id))
      .toEqual({
        level: 30,
        time: expect.any(Number) as number,
        requestId: id,
        method: 'GET',
        path: '/api/jobs',
        status: 200,
        ms: expect.any(Number) as number,
        msg: 'request',
      });
    expect(server.log.filter(({ requestId }) => requestId === id)).toHaveLength(1);
  });

  it('takes over a plain id of the caller, and no other', async () => {
    server = await startTestServer(redis.url);
    const idFor = async (given: string) =>
      (await server.call('GET', '/livez', undefined, { 'x-request-id': given })).headers.get('x-request-id');
    expect(await idFor('trace-1.a_b')).toBe('trace-1.a_b');
    expect(await idFor('two words')).toMatch(/^[0-9a-f]{32}$/);
    expect(await idFor('x'.repeat(65))).toMatch(/^[0-9a-f]{32}$/);
  });

  it('holds no secret that came in: headers, query values, bodies', async () => {
    server = await startTestServer(redis.url);
    const headers = {
      authorization: 'Bearer canary',
      cookie: 'session=canary',
      'idempotency-key': 'canary',
      'x-request-id': 'searched',
    };
    await server.call('POST', '/api/jobs?token=canary', { type: 'anything', payload: { password: 'canary' } }, headers);
    await server.call('POST', '/api/jobs', { type: 'greet', payload: { canary: 'canary' } }, headers);
    await server.call('POST', '/api/jobs', '{"canary": canary}', headers);
    await expect.poll(() => server.log.filter(({ requestId }) => requestId === 'searched')).toHaveLength(3);
    expect(JSON.stringify(server.log)).not.toContain('canary');
  });

  it('names handlers that cannot be loaded, and serves the others', async () => {
    server = await startTestServer(redis.url, {}, { 'broken.mjs': 'throw new Error("no good")' });
    expect(server.log).toMatchObject([
      { level: 40, msg: expect.stringContaining('broken.mjs') as string },
      { url: server.url, msg: 'listening' },
    ]);
    expect((await addJob()).status).toBe('pending');
    const { status, body } = await server.call<ErrorAnswer>('POST', '/api/jobs', { type: 'broken', payload: {} });
    expect(status).toBe(500);
    expect(body).toEqual({ error: { code: 'HANDLER_BROKEN', message: 'A handler file cannot be loaded' } });
  });
});
