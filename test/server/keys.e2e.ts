import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Job } from '../../src/jobs/job.ts';
import { findApiKey, listApiKeys, revokeApiKey } from '../../src/jobs/api-keys.ts';
import { sha256Url } from '../../src/lib/digest.ts';
import { ROUTES } from '../../src/server/routes.ts';
import { readKeyspace } from '../helpers/keyspace.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { startTestServer, type TestServer } from './test-server.ts';

let redis: TestRedis;
let server: TestServer;

beforeAll(async () => {
  redis = await startRedis();
  server = await startTestServer(redis.url, { queues: { mail: {}, bills: {} } });
});

afterAll(async () => {
  await server.stop();
  await redis.stop();
});

/** Not every route answers with JSON. */
async function statusWith(headers: Record<string, string>, method = 'GET', url = '/api/jobs'): Promise<number> {
  const body = method === 'GET' || method === 'HEAD' ? {} : { body: '{}' };
  const response = await fetch(server.url + url, {
    method,
    ...body,
    headers: { 'content-type': 'application/json', ...headers },
  });
  await response.body?.cancel();
  return response.status;
}
const enqueue = (headers: Record<string, string>, options = {}) =>
  server.call<Job>('POST', '/api/jobs', { type: 'anything', payload: 1, options }, headers);

it('without any key, programs on this machine may do everything', async () => {
  expect((await enqueue({})).status).toBe(201);
  expect(await statusWith({})).toBe(200);
  expect(await statusWith({}, 'GET', '/nowhere')).toBe(404);
});

describe('with a key', () => {
  let admin: { authorization: string };
  beforeAll(async () => {
    admin = await server.key('admin', { name: 'boss' });
    // Within a second, as it is with a key that is revoked.
    await vi.waitUntil(async () => (await statusWith({})) === 401, { timeout: 20_000 });
  });

  /** A path of a row that leads nowhere: what refuses it comes before anybody looks. */
  const pathOf = (url: string): string => url.replaceAll(/:\w+/g, 'none');
  const PROTECTED = ROUTES.filter(({ scope }) => scope !== 'public');

  it.each(ROUTES.filter(({ scope }) => scope === 'public'))('#2 $method $url is public', async ({ method, url }) => {
    expect(await statusWith({}, method, pathOf(url))).toBe(200);
  });

  it('#2 nothing else is public', () => {
    const urls = ROUTES.flatMap(({ scope, url }) => (scope === 'public' ? [url] : []));
    expect(urls.toSorted()).toEqual(['/health', '/livez', '/readyz']);
  });

  it.each(PROTECTED)('#2 $method $url wants one', async ({ method, url }) => {
    const { status, headers, body } = await server.call(method, pathOf(url), method === 'GET' ? undefined : {});
    expect(status).toBe(401);
    expect(body.error.code).toBe('UNAUTHORIZED');
    expect(headers.get('www-authenticate')).toMatch(/^Bearer /);
  });

  it.each([
    ['HEAD', '/api/jobs'],
    ['OPTIONS', '/api/jobs'],
    ['GET', '/nowhere'],
    ['PUT', '/api/jobs'],
    ['GET', '/API/jobs'],
    ['GET', '/api/jobs/'],
    ['GET', '//api/jobs'],
    ['GET', '/livez/../api/jobs'],
    ['GET', '/livez%2f..%2fapi/jobs'],
    ['GET', '/api/jobs;/livez'],
  ])('#2 so does %s %s, which no row names', async (method, url) => {
    expect(await statusWith({}, method, url)).toBe(401);
  });

  const GRANTS: Record<string, string[]> = {
    enqueue: ['enqueue'],
    'enqueue:mail': ['enqueue'],
    read: ['read'],
    operate: ['read', 'operate'],
    admin: ['enqueue', 'read', 'operate', 'admin'],
    'enqueue,read': ['enqueue', 'read'],
  };

  describe.each(Object.keys(GRANTS))('#3 of the scope %s', (scopes) => {
    let headers: { authorization: string };
    beforeAll(async () => {
      headers = await server.key(scopes);
    });

    it.each(PROTECTED)('$method $url', async ({ method, url, scope, perQueue }) => {
      const isAllowed = GRANTS[scopes]!.includes(scope) && (perQueue || !scopes.includes(':'));
      const status = await statusWith(headers, method, pathOf(url));
      expect({ status, isAllowed: status !== 401 && status !== 403 }).toEqual({ status, isAllowed });
    });
  });

  it('#3 a key for nothing but what exists finds out that a route does not', async () => {
    expect(await statusWith(await server.key('enqueue'), 'GET', '/nowhere')).toBe(404);
  });

  it('#3 says what was missing', async () => {
    const { body } = await server.call('GET', '/api/jobs', undefined, await server.key('enqueue'));
    expect(body.error.message).toBe('Expected a key with the scope read, got one with enqueue');
  });

  it.each([
    ['Bearer', (key: string) => ({ authorization: `Bearer ${key}` })],
    ['bearer, with spaces', (key: string) => ({ authorization: `bearer   ${key}` })],
    ['x-api-key', (key: string) => ({ 'x-api-key': key })],
    ['Basic, as the password', (key: string) => ({ authorization: `Basic ${btoa(`anybody:${key}`)}` })],
  ])('#4 takes a key as %s', async (_name, headersOf) => {
    expect(await statusWith(headersOf(admin.authorization.replace('Bearer ', '')))).toBe(200);
  });

  it('#4 keeps no key, only its SHA-256', async () => {
    const key = (await server.key('read', { name: 'hashed' })).authorization.replace('Bearer ', '');
    expect(key).toMatch(/^jq_[0-9a-f]{40}$/);
    const { redis: connection } = server.project.broker;
    const dump = JSON.stringify(await readKeyspace(connection));
    expect(dump).not.toContain(key);
    expect(dump).not.toContain(key.slice(3));
    expect(dump).toContain(sha256Url(key));
    expect(JSON.stringify(server.log)).not.toContain(key.slice(3));
  });

  it('#5 two keys are valid at once, and one that is revoked ends within a second', async () => {
    const [old, next] = [await server.key('read', { name: 'app' }), await server.key('read', { name: 'app-2' })];
    expect([await statusWith(old), await statusWith(next)]).toEqual([200, 200]);
    await revokeApiKey(server.project, await findApiKey(server.project, 'app'));
    await expect.poll(() => statusWith(old), { interval: 20 }).toBe(401);
    expect(await statusWith(next)).toBe(200);
  });

  it('#5 a key ends by itself when its time is over', async () => {
    const expiresAt = Date.now() + 1500;
    const headers = await server.key('read', { name: 'short', expiresAt });
    expect(await statusWith(headers)).toBe(200);
    await expect.poll(() => statusWith(headers)).toBe(401);
    expect(Date.now()).toBeGreaterThanOrEqual(expiresAt);
  });

  it('writes down when a key was used', async () => {
    await expect
      .poll(async () => (await listApiKeys(server.project)).find(({ name }) => name === 'boss')?.lastUsedAt)
      .toBeInstanceOf(Date);
  });

  it('names the key in the log', async () => {
    const { headers } = await server.call('GET', '/api/jobs', undefined, admin);
    const requestId = headers.get('x-request-id');
    await expect
      .poll(() => server.log.find((line) => line.requestId === requestId))
      .toMatchObject({ who: 'key:boss', status: 200 });
  });

  describe('#29 for one queue', () => {
    let mail: { authorization: string };
    let own: Job;
    let foreign: Job;
    beforeAll(async () => {
      mail = await server.key('enqueue:mail,operate');
      own = (await enqueue(admin, { queue: 'mail' })).body;
      foreign = (await enqueue(admin, { queue: 'bills' })).body;
    });

    it('adds jobs to it, and to no other', async () => {
      expect((await enqueue(mail, { queue: 'mail' })).status).toBe(201);
      for (const options of [{}, { queue: 'bills' }, { queue: 'no-such-queue' }, { queue: 'Mail' }]) {
        const { status, body } = await server.call(
          'POST',
          '/api/jobs',
          { type: 'anything', payload: 1, options },
          mail,
        );
        expect(status).toBe(403);
        expect(body.error.code).toBe('FORBIDDEN');
      }
    });

    it('for it, other queues and their jobs do not exist', async () => {
      const get = (url: string) => server.call<{ jobs: Job[]; pending: number }>('GET', url, undefined, mail);
      expect((await get(`/api/jobs/${own.id}`)).status).toBe(200);
      for (const path of [`/api/jobs/${foreign.id}`, `/api/jobs/${foreign.id}?queue=bills`, '/api/jobs/j_none']) {
        const { status, body } = await server.call('GET', path, undefined, mail);
        expect(status).toBe(404);
        expect(body.error.code).toBe('JOB_NOT_FOUND');
        expect(body.error.message).not.toContain('any more');
      }
      const list = await get('/api/jobs');
      expect(new Set(list.body.jobs.map(({ queue }) => queue))).toEqual(new Set(['mail']));
      expect((await get('/api/jobs?queue=mail')).body.jobs).toHaveLength(list.body.jobs.length);
      expect((await get('/api/jobs/stats')).body.pending).toBe(list.body.jobs.length);
      for (const path of ['/api/jobs?queue=bills', '/api/jobs/stats?queue=bills']) {
        const { status, body } = await server.call('GET', path, undefined, mail);
        expect(status).toBe(404);
        expect(JSON.stringify(body)).not.toContain('default');
      }
    });
  });
});

describe('#6 wrong keys', () => {
  let limited: TestServer;
  afterEach(() => limited.stop());
  const wrong = (forwarded: string) =>
    limited.call('GET', '/api/jobs', undefined, { 'x-api-key': 'jq_wrong', 'x-forwarded-for': forwarded });
  const tryTimes = async (times: number, addressOf: (index: number) => string): Promise<number[]> => {
    const statuses: number[] = [];
    for (let index = 0; index < times; index += 1) statuses.push((await wrong(addressOf(index))).status);
    return statuses;
  };

  it.each(['', 'jq_', 'Bearer', 'Bearer ', 'Basic', 'Basic Og==', 'Basic ****', 'Digest jq_0', 'jq_0'])(
    '#4 "%s" is one',
    async (authorization) => {
      limited = await startTestServer(redis.url);
      const { authorization: right } = await limited.key('read');
      const get = async (headers: Record<string, string>) =>
        (await limited.call('GET', '/api/jobs', undefined, headers)).status;
      expect(await get({ authorization })).toBe(401);
      expect(await get({ authorization: right.replace('Bearer ', '') })).toBe(401);
      for (const wrong of [`${right}0`, right.slice(0, -1), right.toUpperCase(), `${right},`, `${right} x`]) {
        expect(await get({ authorization: wrong }), wrong).toBe(401);
      }
    },
  );

  it('are answered 429 from the eleventh on, whatever X-Forwarded-For says, and right ones go on', async () => {
    limited = await startTestServer(redis.url);
    const right = await limited.key('read');
    expect(await tryTimes(10, (index) => `10.0.0.${index}`)).toEqual(Array.from({ length: 10 }, () => 401));
    const { status, headers, body } = await wrong('10.9.9.9');
    await expect
      .poll(() => limited.log.find((line) => line.status === 429))
      .toMatchObject({ msg: 'request', address: '127.0.0.1' });
    expect(status).toBe(429);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(50);
    expect(body.error.code).toBe('TOO_MANY_FAILURES');
    expect((await limited.call('GET', '/api/jobs', undefined, right)).status).toBe(200);
    // One who brings none has not guessed.
    expect((await limited.call('GET', '/api/jobs')).status).toBe(401);
  });

  it('are counted by the address that a trusted proxy names', async () => {
    limited = await startTestServer(redis.url, { server: { trustProxy: ['loopback'] } });
    expect(await tryTimes(11, (index) => `10.0.0.${index}`)).not.toContain(429);
    // The client can write what it likes before what the proxy adds.
    expect((await tryTimes(11, (index) => `10.1.0.${index}, 10.2.0.1`)).at(-1)).toBe(429);
  });
});
