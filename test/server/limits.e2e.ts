import net from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { usedMemory } from '../helpers/used-memory.ts';
import { startTestServer, type TestServer } from './test-server.ts';

let redis: TestRedis;
let server: TestServer;

beforeAll(async () => {
  redis = await startRedis();
});
afterEach(() => server.stop());
afterAll(() => redis.stop());

const job = { type: 'anything', payload: 1 };
const call = (...command: [string, ...(string | number)[]]) => server.project.broker.redis.call(...command);
const stored = async (): Promise<number> =>
  Number(await call('LLEN', server.project.broker.keys.queue('default', 'wait')));

describe('#9 the shape of a body', () => {
  const withKeys = (amount: number) => ({
    type: 'anything',
    payload: [Object.fromEntries(Array.from({ length: amount }, (_, index) => [`k${index}`, index]))],
  });

  it('an object has at most 1,000 keys', async () => {
    server = await startTestServer(redis.url);
    expect((await server.call('POST', '/api/jobs', withKeys(1000))).status).toBe(201);
    const before = await stored();
    const { status, body } = await server.call('POST', '/api/jobs', withKeys(1001));
    expect(status).toBe(400);
    expect(body.error.message).toBe('An object in the body is too large: expected at most 1000 keys');
    expect(await stored()).toBe(before);
  });

  it('a thousand bodies that are too large, too deep or too wide leave no memory behind', async () => {
    server = await startTestServer(redis.url, { server: { bodyLimit: '32kb' } });
    const bodies = ['x'.repeat(40_000), '['.repeat(30_000), JSON.stringify(withKeys(2000))];
    const sendMany = async (times: number): Promise<void> => {
      for (let index = 0; index < times; index += 20) {
        const answers = Array.from({ length: 20 }, (_, each) => server.call('POST', '/api/jobs', bodies[each % 3]));
        for (const { status } of await Promise.all(answers)) expect([400, 413]).toContain(status);
      }
    };
    await sendMany(200);
    const before = await usedMemory();
    await sendMany(1000);
    // All of them together are 50 MB.
    expect((await usedMemory()) - before).toBeLessThan(25 * 2 ** 20);
  });
});

describe('#13 server.rateLimit', () => {
  const RATE = { server: { rateLimit: { max: 3, per: '1m' } } };
  const get = (headers = {}, url = '/api/jobs/stats') => server.call('GET', url, undefined, headers);

  it('answers 429 with Retry-After beyond it, says what is left, and leaves health alone', async () => {
    server = await startTestServer(redis.url, RATE);
    await call('DEL', server.project.broker.keys.requests('127.0.0.1'));
    const seen = [await get(), await get(), await get()];
    expect(seen.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(seen.map(({ headers }) => headers.get('ratelimit-remaining'))).toEqual(['2', '1', '0']);
    expect(seen[0]!.headers.get('ratelimit-limit')).toBe('3');
    const { status, headers, body } = await get();
    expect(status).toBe(429);
    expect(body.error).toMatchObject({ code: 'RATE_LIMITED', message: 'Expected at most 3 requests in 1m' });
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(50);
    expect(headers.get('ratelimit-remaining')).toBe('0');
    expect(Number(headers.get('ratelimit-reset'))).toBeGreaterThan(50);
    for (const url of ['/livez', '/readyz', '/health']) expect((await get({}, url)).status).toBe(200);
  });

  it('comes before the body is read', async () => {
    server = await startTestServer(redis.url, RATE);
    const { status } = await server.call('POST', '/api/jobs', '{ broken');
    expect(status).toBe(429);
  });

  it('counts each key for itself, over all servers', async () => {
    const own = await startRedis();
    onTestFinished(() => own.stop());
    server = await startTestServer(own.url, RATE);
    const [one, two] = [await server.key('read'), await server.key('read')];
    await vi.waitUntil(async () => (await get()).status === 401, { timeout: 20_000 });
    const other = await startTestServer(own.url, RATE);
    onTestFinished(() => other.stop());
    for (const each of [server, other, server]) {
      expect((await each.call('GET', '/api/jobs/stats', undefined, one)).status).toBe(200);
    }
    expect((await other.call('GET', '/api/jobs/stats', undefined, one)).status).toBe(429);
    expect((await other.call('GET', '/api/jobs/stats', undefined, two)).status).toBe(200);
    // One without a key has none to spend.
    expect((await get()).status).toBe(401);
  });

  it('is off unless it is configured', async () => {
    server = await startTestServer(redis.url);
    const statuses = await Promise.all(Array.from({ length: 300 }, async () => (await get()).status));
    expect(new Set(statuses)).toEqual(new Set([200]));
  });
});

describe('#13 a Redis that is nearly full', () => {
  const limitMemoryTo = async (share: number): Promise<void> => {
    const used = Number(/used_memory:(\d+)/.exec(String(await call('INFO', 'memory')))![1]);
    await call('CONFIG', 'SET', 'maxmemory', Math.round(used / share));
  };
  afterEach(() => call('CONFIG', 'SET', 'maxmemory', 0));

  it('takes no jobs, before their bodies are read, and lets everything else happen', async () => {
    server = await startTestServer(redis.url, { server: { shedAt: 0.8 } });
    expect((await server.call('POST', '/api/jobs', job)).status).toBe(201);
    await limitMemoryTo(0.9);
    await vi.waitUntil(async () => (await server.call('POST', '/api/jobs', '{ broken')).status === 503, {
      timeout: 2000,
    });
    const before = await stored();
    const { status, headers, body } = await server.call('POST', '/api/jobs', job);
    expect(status).toBe(503);
    expect(headers.get('retry-after')).toBe('2');
    expect(body.error.code).toBe('REDIS_FULL');
    expect(await stored()).toBe(before);
    for (const url of ['/api/jobs', '/readyz']) expect((await server.call('GET', url)).status).toBe(200);

    await limitMemoryTo(0.5);
    await expect.poll(async () => (await server.call('POST', '/api/jobs', job)).status).toBe(201);
  });

  it('is looked at once in a while, not for each request', async () => {
    server = await startTestServer(redis.url);
    await server.call('POST', '/api/jobs', job);
    const looks = vi.spyOn(server.project.broker.redis, 'pipeline');
    const calls = vi.spyOn(server.project.broker.redis, 'call');
    await Promise.all(Array.from({ length: 200 }, () => server.call('POST', '/api/jobs', job)));
    const infos = looks.mock.calls.filter(([commands]) => commands[0]?.[0] === 'INFO');
    const keyReads = calls.mock.calls.filter(([command]) => command === 'HGETALL');
    expect(infos.length + keyReads.length).toBeLessThan(20);
  });
});

describe('#12 server.maxConnections', () => {
  it('closes connections beyond it at once, and takes new ones when others end', async () => {
    server = await startTestServer(redis.url, { server: { maxConnections: 2 } });
    const sockets: net.Socket[] = [];
    const connect = async (): Promise<'open' | 'closed'> => {
      const socket = net.connect(server.port, '127.0.0.1').on('error', () => undefined);
      sockets.push(socket);
      const closed = new Promise<'closed'>((resolve) => socket.once('close', () => resolve('closed')));
      // One that may stay answers.
      socket.write('GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n');
      const answered = new Promise<'open'>((resolve) => socket.once('data', () => resolve('open')));
      return Promise.race([answered, closed]);
    };
    expect(await connect()).toBe('open');
    expect(await connect()).toBe('open');
    expect(await connect()).toBe('closed');
    sockets[0]!.destroy();
    await expect.poll(connect).toBe('open');
    for (const socket of sockets) socket.destroy();
  });
});
