import fs from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Job } from '../../src/jobs/job.ts';
import { monotonicMs, sleep } from '../../src/lib/clock.ts';
import type { Health } from '../../src/server/health-routes.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { usedMemory } from '../helpers/used-memory.ts';
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
  await expect.poll(async () => (await health()).status).toBe(200);
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
    await expect.poll(async () => (await addJob()).status).toBe(201);
    expect((await server.call<Job>('GET', `/api/jobs/${before.id}`)).body).toEqual(before);
  });

  it('lets go of a caller who waits for a job', async () => {
    const { body } = await addJob();
    const waiting = server.call('GET', `/api/jobs/${body.id}?wait=1m`);
    await begin();
    expect((await waiting).status).toBe(503);
  });
});

describe('Redis is silent, and requests keep coming', () => {
  const payload = 'x'.repeat(60_000);
  const pending = new Set<Promise<void>>();
  const statuses: number[] = [];

  /** Sends a request every few milliseconds, whether those before it were answered or not. */
  async function sendFor(ms: number): Promise<void> {
    const until = monotonicMs() + ms;
    while (monotonicMs() < until) {
      const sent: Promise<void> = server
        .call('POST', '/api/jobs', { type: 'anything', payload })
        .then(({ status }) => void statuses.push(status))
        .finally(() => pending.delete(sent));
      pending.add(sent);
      await sleep(5);
    }
  }

  it('keeps none of them in memory, and answers at once when it has waited in vain', async () => {
    const silent = FAULTS[1]!;
    await silent.begin();
    await sendFor(DEADLINE_MS);
    // A busy machine sends less, and it takes longer until enough have waited in vain.
    while ((await timed(addJob())).ms > 500) await sendFor(500);
    const before = await usedMemory();
    const sentBefore = statuses.length + pending.size;
    await sendFor(2000);
    const sent = statuses.length + pending.size - sentBefore;
    expect((await usedMemory()) - before).toBeLessThan((sent * payload.length) / 5);
    const answer = await timed(addJob());
    expect(answer.status).toBe(503);
    expect(answer.ms).toBeLessThan(500);
    await Promise.all(pending);
    expect(new Set(statuses)).toEqual(new Set([503]));
    await silent.end();
    await expectRecovery();
    expect((await addJob()).status).toBe(201);
  });
});

describe('Redis is gone, and requests bring keys', () => {
  it('knows nobody for sure, and everybody again when it is back', async () => {
    const own = await startRedis();
    onTestFinished(() => own.stop());
    const keyed = await startTestServer(own.url);
    onTestFinished(() => keyed.stop());
    const right = await keyed.key('read');
    const get = (headers: Record<string, string>) => keyed.call('GET', '/api/jobs/stats', undefined, headers);
    await vi.waitUntil(async () => (await get({})).status === 401, { timeout: 20_000 });
    expect((await get(right)).status).toBe(200);
    await own.kill();
    for (const headers of [right, { authorization: 'Bearer jq_wrong' }]) {
      const answer = await timed(get(headers));
      expect(answer.status).toBe(503);
      expect(answer.headers.get('retry-after')).toBe('2');
      expect(answer.ms).toBeLessThan(DEADLINE_MS);
    }
    await own.restart();
    await expect.poll(async () => (await get(right)).status).toBe(200);
    expect((await get({ authorization: 'Bearer jq_wrong' })).status).toBe(401);
    expect((await get({})).status).toBe(401);
  });
});

describe('Redis is not fit to keep jobs', () => {
  it.each(['allkeys-lru', 'volatile-ttl'])('/readyz is red while its policy is %s', async (policy) => {
    const { redis: connection } = server.project.broker;
    expect((await health('/readyz')).status).toBe(200);
    await connection.call('CONFIG', 'SET', 'maxmemory-policy', policy);
    const { status, body } = await health('/readyz');
    await connection.call('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
    expect(status).toBe(503);
    expect(body.redis).toMatchObject({ ok: false, fault: `it may throw jobs away: its maxmemory-policy is ${policy}` });
    expect((await health('/readyz')).status).toBe(200);
  });

  it('/readyz is red while it cannot save', async () => {
    const own = await startRedis({ args: ['--dbfilename', 'blocked.rdb'] });
    onTestFinished(() => own.stop());
    const blocked = path.join(path.dirname(own.socketPath), 'blocked.rdb');
    const other = await startTestServer(own.url);
    onTestFinished(() => other.stop());
    const save = async () => {
      await other.project.broker.redis.call('BGSAVE');
      return (await other.call<Health>('GET', '/readyz')).body.redis;
    };
    await fs.mkdir(blocked);
    await expect.poll(save).toMatchObject({ ok: false, fault: 'it cannot save to disk' });
    expect((await other.call('GET', '/readyz')).status).toBe(503);
    await fs.rm(blocked, { recursive: true });
    await expect.poll(save).toMatchObject({ ok: true });
  });
});

describe('Redis refuses to write', () => {
  it('answers 503 without its words, and takes jobs again', async () => {
    await server.project.broker.redis.call('CONFIG', 'SET', 'maxmemory', '1');
    const { status, body } = await server.call('POST', '/api/jobs', { type: 'greet', payload: { name: 'Ada' } });
    await server.project.broker.redis.call('CONFIG', 'SET', 'maxmemory', '0');
    expect(status).toBe(503);
    // The server looks at Redis once a second: it may know already that there is no room.
    expect([
      { error: { code: 'REDIS_REFUSED', message: 'Redis answers, but is not fit or says no' } },
      { error: { code: 'REDIS_FULL', message: 'Redis is nearly full: no jobs are taken until there is room' } },
    ]).toContainEqual(body);
    await expect.poll(async () => (await addJob()).status).toBe(201);
  });
});

describe('#26 something fails that should not', () => {
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
