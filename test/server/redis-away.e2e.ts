import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Job } from '../../src/jobs/job.ts';
import { monotonicMs } from '../../src/lib/clock.ts';
import type { Health } from '../../src/server/health-routes.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { startTestServer, type TestServer } from './test-server.ts';

/** What a caller is promised, whatever Redis does. */
const DEADLINE_MS = 3000;

let redis: TestRedis;
let server: TestServer;

beforeAll(async () => {
  redis = await startRedis();
  server = await startTestServer(redis.url);
});

afterAll(async () => {
  await server.stop();
  await redis.stop();
});

const health = (path = '/health') => server.call<Health>('GET', path);
const addJob = () => server.call<Job>('POST', '/api/jobs', { type: 'greet', payload: { name: 'Ada' } });

async function timed<Result>(work: Promise<Result>): Promise<Result & { ms: number }> {
  const startedAt = monotonicMs();
  return { ...(await work), ms: monotonicMs() - startedAt };
}

describe('with Redis', () => {
  it.each(['/health', '/readyz'])('%s says that all is well', async (path) => {
    const { status, body } = await health(path);
    expect(status).toBe(200);
    expect(body).toEqual({
      status: 'ok',
      redis: { ok: true, roundTripMs: expect.any(Number) as number },
      version: expect.stringMatching(/^\d+\.\d+\.\d+/) as string,
      uptime: expect.any(Number) as number,
    });
  });
});

async function expectRecovery(): Promise<void> {
  await expect.poll(async () => (await health()).status, { timeout: 20_000 }).toBe(200);
}

const FAULTS = [
  { name: 'Redis is gone', begin: () => redis.kill(), end: () => redis.restart() },
  {
    name: 'Redis is silent',
    begin: async () => process.kill(redis.pid, 'SIGSTOP'),
    end: async () => process.kill(redis.pid, 'SIGCONT'),
  },
];

describe.each(FAULTS)('$name', ({ begin, end }) => {
  afterEach(async () => {
    await end();
    await expectRecovery();
  });

  it('answers 503 in time, each request as it comes, and works again by itself', async () => {
    const { body: before } = await addJob();
    await begin();

    for (const path of ['/health', '/readyz']) {
      const answer = await timed(health(path));
      expect(answer.status).toBe(503);
      expect(answer.headers.get('retry-after')).toBe('2');
      expect(answer.body).toMatchObject({ status: 'unavailable', redis: { ok: false, roundTripMs: null } });
      expect(answer.ms).toBeLessThan(DEADLINE_MS);
    }
    expect((await server.call('GET', '/livez')).status).toBe(200);
    const metrics = await timed(fetch(`${server.url}/metrics`).then(async (answer) => ({ text: await answer.text() })));
    expect(metrics.text).toContain('\njobqueue_redis_up 0\n');
    expect(metrics.ms).toBeLessThan(DEADLINE_MS);

    const requests = [
      () => server.call('POST', '/api/jobs', { type: 'greet', payload: { name: 'Ada' } }),
      () => server.call('GET', '/api/jobs'),
      () => server.call('GET', '/api/jobs/stats'),
      () => server.call('GET', `/api/jobs/${before.id}`),
      () => server.call('GET', `/api/jobs/${before.id}?wait=20s`),
    ];
    for (const answer of await Promise.all(requests.map((request) => timed(request())))) {
      expect(answer.status).toBe(503);
      expect(answer.headers.get('retry-after')).toBe('2');
      // No address, no word of Redis' own.
      expect(answer.body).toEqual({ error: { code: 'REDIS_UNREACHABLE', message: 'Redis does not answer' } });
      expect(answer.ms).toBeLessThan(DEADLINE_MS);
    }
    expect(server.log.find(({ msg }) => msg === 'request failed')).toMatchObject({
      code: 'REDIS_UNREACHABLE',
      reason: expect.stringContaining('Cannot reach Redis') as string,
    });

    await end();
    await expect.poll(async () => (await addJob()).status, { timeout: 20_000 }).toBe(201);
    expect((await server.call<Job>('GET', `/api/jobs/${before.id}`)).body).toEqual(before);
  });

  it('lets go of a caller who waits for a job', async () => {
    const { body } = await addJob();
    const waiting = server.call('GET', `/api/jobs/${body.id}?wait=1m`);
    await begin();
    expect((await waiting).status).toBe(503);
  });
});

describe('Redis refuses to write', () => {
  it('answers 503 without its words, and takes jobs again', async () => {
    await server.project.broker.redis.call('CONFIG', 'SET', 'maxmemory', '1');
    const { status, body } = await server.call('POST', '/api/jobs', { type: 'greet', payload: { name: 'Ada' } });
    await server.project.broker.redis.call('CONFIG', 'SET', 'maxmemory', '0');
    expect(status).toBe(503);
    expect(body).toEqual({ error: { code: 'REDIS_REFUSED', message: 'Redis answers, but is not fit or says no' } });
    expect((await addJob()).status).toBe(201);
  });
});

describe('something fails that should not', () => {
  it('answers 500 with nothing but the id of the request, under which the log tells more', async () => {
    const { keys, redis: connection } = server.project.broker;
    await connection.call('DEL', keys.queues);
    await connection.call('SET', keys.queues, 'planted by another program');
    const { status, body } = await server.call('GET', '/api/jobs/j_some', undefined, { 'x-request-id': 'unlucky' });
    await connection.call('DEL', keys.queues);
    expect(status).toBe(500);
    expect(body).toEqual({
      error: {
        code: 'INTERNAL',
        message: "Something failed here that should not; the server's log tells more",
        details: { requestId: 'unlucky' },
      },
    });
    expect(server.log.find(({ requestId, level }) => requestId === 'unlucky' && level === 50)).toMatchObject({
      code: 'INTERNAL',
      reason: expect.stringContaining('WRONGTYPE') as string,
    });
  });
});
