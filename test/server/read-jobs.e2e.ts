import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Job } from '../../src/jobs/job.ts';
import type { JobPage } from '../../src/jobs/list-jobs.ts';
import { startPlainWorker } from '../helpers/plain-worker.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { startTestServer, type TestServer } from './test-server.ts';

let redis: TestRedis;
let server: TestServer;

beforeAll(async () => {
  redis = await startRedis();
  server = await startTestServer(redis.url, { queues: { quiet: { concurrency: 1 }, mail: { concurrency: 1 } } });
});

afterAll(async () => {
  await server.stop();
  await redis.stop();
});

const add = async (type: string, payload: unknown, options: object = {}): Promise<Job> =>
  (await server.call<Job>('POST', '/api/jobs', { type, payload, options })).body;

const greetingsPage = (query = '') =>
  server.call<JobPage>('GET', `/api/jobs?type=greet&queue=quiet&status=pending${query}`);

describe('GET /api/jobs/:id', () => {
  it.each(['j_nothing', '%20', ''])('answers 404 to the id "%s", which is not there', async (id) => {
    const { status, body } = await server.call('GET', `/api/jobs/${id}`);
    expect(status).toBe(404);
    expect(body.error.code).toBe('JOB_NOT_FOUND');
  });

  it('finds it in the queue that is named, and not in another', async () => {
    const { id } = await add('anything', 1, { queue: 'mail' });
    expect((await server.call<Job>('GET', `/api/jobs/${id}?queue=mail`)).body.queue).toBe('mail');
    expect((await server.call('GET', `/api/jobs/${id}?queue=quiet`)).status).toBe(404);
  });
});

describe('?wait=', () => {
  it('holds the answer until the job is completed', async () => {
    const { id } = await add('anything', { a: 1 });
    const waiting = server.call<Job>('GET', `/api/jobs/${id}?wait=20s`);
    const worker = startPlainWorker(redis, 'default');
    await expect.poll(async () => (await server.call<Job>('GET', `/api/jobs/${id}`)).body.status).toBe('processing');
    worker.release();
    const { status, body } = await waiting;
    await worker.stop();
    expect(status).toBe(200);
    expect(body).toMatchObject({ id, status: 'completed', attempts: 1, result: { got: { a: 1 } }, error: null });
  });

  it('answers with a dead job as well', async () => {
    const { id } = await add('anything', 'fail', { attempts: 1 });
    const worker = startPlainWorker(redis, 'default');
    worker.release();
    const { status, body } = await server.call<Job>('GET', `/api/jobs/${id}?wait=20s`);
    await worker.stop();
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: 'failed', error: 'it broke', result: null });
  });

  it('answers with the job as it is when the time is over', async () => {
    const { id } = await add('anything', 1, { queue: 'quiet' });
    const { status, body } = await server.call<Job>('GET', `/api/jobs/${id}?wait=50ms`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ id, status: 'pending' });
  });

  it.each([
    ['soon', 'to be a duration'],
    ['', 'to be a duration'],
    ['-1', 'to be a duration'],
    ['6m', 'to be at most 5m'],
  ])('refuses ?wait=%s', async (wait, message) => {
    const { id } = await add('anything', 1, { queue: 'quiet' });
    const { status, body } = await server.call('GET', `/api/jobs/${id}?wait=${wait}`);
    expect(status).toBe(400);
    expect(body.error.message).toContain(`Expected "wait" in the query ${message}`);
  });

  it('answers 404 at once to an id that is not there', async () => {
    expect((await server.call('GET', '/api/jobs/j_nothing?wait=20s')).status).toBe(404);
  });

  it('stops looking when the caller hangs up', async () => {
    const { id } = await add('anything', 1, { queue: 'quiet' });
    const calls = vi.spyOn(server.project.broker.redis, 'call');
    const hangUp = new AbortController();
    const waiting = fetch(`${server.url}/api/jobs/${id}?wait=20s`, {
      signal: hangUp.signal,
      headers: { 'x-request-id': 'hangs-up' },
    });
    await expect.poll(() => calls.mock.calls.some(([command]) => command === 'HMGET')).toBe(true);
    hangUp.abort();
    await expect(waiting).rejects.toThrow('aborted');

    await expect
      .poll(() => server.log.find(({ requestId }) => requestId === 'hangs-up'))
      .toMatchObject({ status: null });
    const looksSinceLastPoll = (): number =>
      calls.mock.calls.splice(0).filter(([command]) => command === 'HMGET').length;
    // A wait that goes on looks every 250 ms.
    await expect.poll(looksSinceLastPoll, { interval: 600 }).toBe(0);
    calls.mockRestore();
  });
});

describe('GET /api/jobs', () => {
  it('lists the newest first, in pages', async () => {
    const ids: string[] = [];
    for (let index = 0; index < 5; index++)
      ids.unshift((await add('greet', { name: String(index) }, { queue: 'quiet', delay: '1h' })).id);

    const all = await greetingsPage();
    expect(all.status).toBe(200);
    expect(all.body).toMatchObject({ total: 5, limit: 100, offset: 0 });
    expect(all.body.jobs.map(({ id }) => id)).toEqual(ids);

    const second = await greetingsPage('&limit=2&offset=2');
    expect(second.body).toMatchObject({ total: 5, limit: 2, offset: 2 });
    expect(second.body.jobs.map(({ id }) => id)).toEqual(ids.slice(2, 4));

    expect((await greetingsPage('&offset=5')).body.jobs).toEqual([]);
  });

  it('takes the filter of the commands, and says whether all jobs were looked at', async () => {
    const where = encodeURIComponent('payload.name:3 !state:waiting');
    const { status, body } = await server.call<JobPage>('GET', `/api/jobs?where=${where}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ total: 1, complete: true, jobs: [{ type: 'greet', payload: { name: '3' } }] });
    expect((await greetingsPage('&cursor=delayed:quiet:4')).body).toMatchObject({ total: 1, complete: true });
  });

  it('keeps only the status that was asked for', async () => {
    const { id } = await add('anything', 'fail', { queue: 'mail', attempts: 1 });
    const worker = startPlainWorker(redis, 'mail');
    worker.release();
    await server.call('GET', `/api/jobs/${id}?wait=20s`);
    await worker.stop();
    const failed = await server.call<JobPage>('GET', '/api/jobs?status=failed&queue=mail');
    expect(failed.body.jobs).toMatchObject([{ id, status: 'failed' }]);
  });

  it.each([
    ['limit=0', '"limit" in the query to be an integer from 1 to 500, got 0'],
    ['limit=501', '"limit" in the query to be an integer from 1 to 500, got 501'],
    ['limit=ten', '"limit" in the query to be an integer from 1 to 500, got "ten"'],
    ['limit=1e2', '"limit" in the query to be an integer from 1 to 500, got "1e2"'],
    ['limit=', '"limit" in the query to be an integer from 1 to 500, got ""'],
    ['limit=1&limit=2', '"limit" in the query to be an integer from 1 to 500, got a list'],
    ['offset=-1', '"offset" in the query to be an integer ≥ 0, got -1'],
    ['offset=1.5', '"offset" in the query to be an integer ≥ 0, got "1.5"'],
    ['status=dead', '"status" in the query to be one of pending, processing, completed, failed, got "dead"'],
    ['queue=a:b', '"queue" in the query to be a queue name'],
    ['statsu=failed', 'Unknown field "statsu" in the query'],
    ['__proto__=x', 'Unknown field "__proto__" in the query'],
    ['where=colour:red', 'In the filter, column 1: expected one of the fields'],
    ['type=greet&cursor=elsewhere', 'Expected "cursor" to be one of a former answer, got "elsewhere"'],
    ['type=greet&cursor=waiting:gone:7', 'The cursor does not fit what is asked for'],
    ['cursor=waiting:quiet:7', 'Expected "cursor" with the "type" or "where" that it was answered to'],
  ])('refuses ?%s', async (query, message) => {
    const { status, body } = await server.call('GET', `/api/jobs?${query}`);
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ code: 'USAGE', message: expect.stringContaining(message) as string });
  });

  it('answers 404 to a queue that is not there', async () => {
    const { status, body } = await server.call('GET', '/api/jobs?queue=mai');
    expect(status).toBe(404);
    expect(body.error).toMatchObject({ code: 'UNKNOWN_QUEUE', hint: 'Did you mean "mail"?' });
  });
});

describe('GET /api/jobs/stats', () => {
  it('counts the jobs of each status, over all queues or in one', async () => {
    const all = await server.call<Record<string, number>>('GET', '/api/jobs/stats');
    expect(all.status).toBe(200);
    expect(Object.keys(all.body)).toEqual(['pending', 'processing', 'completed', 'failed']);
    const total = (await server.call<JobPage>('GET', '/api/jobs?limit=1')).body.total;
    expect(Object.values(all.body).reduce((sum, count) => sum + count)).toBe(total);

    const before = (await server.call<Record<string, number>>('GET', '/api/jobs/stats?queue=quiet')).body.pending!;
    await add('anything', 1, { queue: 'quiet' });
    const after = await server.call<Record<string, number>>('GET', '/api/jobs/stats?queue=quiet');
    expect(after.body).toEqual({ pending: before + 1, processing: 0, completed: 0, failed: 0 });
  });
});

describe('a route that is not there', () => {
  it.each([
    ['GET', '/'],
    ['GET', '/api/job'],
    ['PUT', '/api/jobs'],
    ['DELETE', '/jobs'],
    ['GET', '/jobs'],
    ['GET', '/admin'],
  ])('%s %s answers 404', async (method, route) => {
    const { status, body } = await server.call(method, route);
    expect(status).toBe(404);
    expect(body).toEqual({ error: { code: 'ROUTE_NOT_FOUND', message: 'There is no such route' } });
  });

  it('answers 404 also with a body of any kind', async () => {
    expect((await server.call('POST', '/nowhere', 'text', { 'content-type': 'text/plain' })).status).toBe(404);
  });
});
