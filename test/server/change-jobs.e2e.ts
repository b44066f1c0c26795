import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Job } from '../../src/jobs/job.ts';
import { type PlainWorker, startPlainWorker } from '../helpers/plain-worker.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { startTestWorker } from '../helpers/test-worker.ts';
import { type ErrorAnswer, startTestServer, type TestServer } from './test-server.ts';

let redis: TestRedis;
let server: TestServer;
let worker: PlainWorker;
/** One job of each kind, made once. */
const jobs: Record<'pending' | 'processing' | 'completed' | 'failed', string> = {} as never;

const QUEUES = ['still', 'busy', 'done'];

beforeAll(async () => {
  redis = await startRedis();
  server = await startTestServer(
    redis.url,
    { queues: Object.fromEntries(QUEUES.map((name) => [name, {}])), work: { queues: ['default'] } },
    { 'patient.mjs': `export default (payload, { signal }) => new Promise((resolve) => (signal.onabort = resolve));` },
  );
  jobs.pending = (await add({ queue: 'still' })).id;
  jobs.processing = (await add({ queue: 'busy' })).id;
  jobs.completed = (await add({ queue: 'done' })).id;
  jobs.failed = (await add({ queue: 'done', attempts: 1 }, 'fail')).id;
  const taken = Promise.withResolvers<void>();
  worker = startPlainWorker(redis, 'busy', async () => taken.resolve());
  const quick = startPlainWorker(redis, 'done', (job) => job.log(`working on ${job.id}`));
  quick.release();
  for (const id of [jobs.completed, jobs.failed]) await server.call('GET', `/api/jobs/${id}?wait=20s`);
  await quick.stop();
  await taken.promise;
});

afterAll(async () => {
  worker.release();
  await worker.stop();
  await server.stop();
  await redis.stop();
});

const add = async (options: object, payload: unknown = 1): Promise<Job> =>
  (await server.call<Job>('POST', '/api/jobs', { type: 'anything', payload, options })).body;
const look = async (id: string): Promise<Job> => (await server.call<Job>('GET', `/api/jobs/${id}`)).body;

describe('POST /api/jobs/:id/retry', () => {
  it.each(['pending', 'processing', 'completed'] as const)('answers 400 to one that is %s', async (kind) => {
    const before = await look(jobs[kind]);
    const { status, body } = await server.call('POST', `/api/jobs/${jobs[kind]}/retry`);
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ code: 'JOB_STATE', message: expect.stringContaining('not dead') as string });
    expect(await look(jobs[kind])).toEqual(before);
  });

  it('lets a dead one wait again, as new', async () => {
    const { status, body } = await server.call<Job>('POST', `/api/jobs/${jobs.failed}/retry`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ id: jobs.failed, status: 'pending', attempts: 0, error: null });
  });

  it('answers 404 to one that is not there, also in the queue that is named', async () => {
    expect((await server.call('POST', '/api/jobs/j_nothing/retry')).status).toBe(404);
    expect((await server.call('POST', `/api/jobs/${jobs.failed}/retry?queue=still`)).status).toBe(404);
  });

  it('takes an empty body, whatever its type is said to be, and refuses another', async () => {
    const url = `${server.url}/api/jobs/j_nothing/retry`;
    const headers = { 'content-type': 'application/json' };
    expect((await fetch(url, { method: 'POST', headers })).status).toBe(404);
    expect((await fetch(url, { method: 'POST', headers, body: '{}' })).status).toBe(404);
    const { status, body } = await server.call('POST', '/api/jobs/j_nothing/retry', { attempts: 3 });
    expect(status).toBe(400);
    expect(body.error.message).toBe('Expected no body, got an object');
  });
});

describe('POST /api/jobs/:id/cancel', () => {
  const cancel = (id: string) => server.call<Job & ErrorAnswer>('POST', `/api/jobs/${id}/cancel`);

  it('ends one that waits, and one that runs', async () => {
    const waiting = await add({ queue: 'still', delay: '1h' });
    const { status, body } = await cancel(waiting.id);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      id: waiting.id,
      status: 'failed',
      error: expect.stringMatching(/^Cancelled by/) as string,
    });

    await startTestWorker(server.project);
    const { body: running } = await server.call<Job>('POST', '/api/jobs', { type: 'patient', payload: {} });
    await expect.poll(async () => (await look(running.id)).status).toBe('processing');
    expect(await cancel(running.id)).toMatchObject({ status: 200, body: { id: running.id, status: 'failed' } });
  });

  it('answers 400 to one that has ended, and to one that runs where nobody can be told', async () => {
    const before = await look(jobs.completed);
    const { status, body } = await cancel(jobs.completed);
    expect([status, body.error.code]).toEqual([400, 'JOB_STATE']);
    expect(await look(jobs.completed)).toEqual(before);
    expect((await cancel(jobs.processing)).status).toBe(400);
    expect((await look(jobs.processing)).status).toBe('processing');
    expect((await cancel('j_nothing')).status).toBe(404);
  });
});

describe('PATCH /api/jobs/:id', () => {
  const edit = (id: string, change: unknown) => server.call<Job & ErrorAnswer>('PATCH', `/api/jobs/${id}`, change);

  it('changes a payload, a priority and a delay, each alone', async () => {
    const { id } = await add({ queue: 'still' });
    expect((await edit(id, { payload: { a: 1 } })).body).toMatchObject({ payload: { a: 1 }, state: 'waiting' });
    expect((await edit(id, { priority: 4 })).body).toMatchObject({ priority: 4, state: 'prioritized' });
    const { status, body } = await edit(id, { delay: '1h' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ id, payload: { a: 1 }, priority: 4, state: 'delayed', status: 'pending' });
    expect(new Date(body.nextRunAt!).getTime()).toBeGreaterThan(new Date(body.createdAt).getTime() + 3_599_000);
    expect(await look(id)).toEqual(body);
    expect((await edit(id, { delay: 0 })).body).toMatchObject({ state: 'prioritized', nextRunAt: null });
  });

  it('lets an idempotent request find the job that was changed', async () => {
    const request = { type: 'anything', payload: 1, options: { queue: 'still' } };
    const key = { 'idempotency-key': 'changed' };
    const { body } = await server.call<Job>('POST', '/api/jobs', request, key);
    await edit(body.id, { payload: 2, priority: 1 });
    const again = await server.call<Job>('POST', '/api/jobs', request, key);
    expect(again.status).toBe(200);
    expect(again.body).toMatchObject({ id: body.id, payload: 2, priority: 1 });
  });

  it.each(['processing', 'completed'] as const)('answers 409 to one that is %s', async (kind) => {
    const before = await look(jobs[kind]);
    const { status, body } = await edit(jobs[kind], { payload: 2 });
    expect(status).toBe(409);
    expect(body.error).toMatchObject({ code: 'JOB_STATE' });
    expect(await look(jobs[kind])).toEqual(before);
  });

  it('answers 422 to a payload that the handler refuses, and changes nothing', async () => {
    const { body: job } = await server.call<Job>('POST', '/api/jobs', {
      type: 'greet',
      payload: { name: 'Ada' },
      options: { queue: 'still' },
    });
    const { status, body } = await edit(job.id, { payload: { name: 7 }, priority: 1 });
    expect(status).toBe(422);
    expect(body.error.details).toEqual([{ path: 'name', message: 'expected a text' }]);
    expect(await look(job.id)).toEqual(job);
  });

  it.each([
    [{}, 'Expected the body to have one of payload, priority, delay at least'],
    [{ attempts: 3 }, 'Unknown field "attempts" in the body'],
    [{ priority: -1 }, 'Expected "priority" in the body to be an integer from 0'],
    [{ delay: 'soon' }, 'Expected "delay" in the body to be a duration'],
    [[], 'Expected the body to be a JSON object such as {"priority": 1}, got a list'],
  ])('refuses %j', async (change, message) => {
    const { status, body } = await edit(jobs.pending, change);
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ code: 'USAGE', message: expect.stringContaining(message) as string });
  });

  it('answers 404 to one that is not there', async () => {
    expect((await edit('j_nothing', { priority: 1 })).status).toBe(404);
  });
});

describe('GET /api/jobs/:id/logs', () => {
  it('gives the lines that belong to the job', async () => {
    const { status, body } = await server.call('GET', `/api/jobs/${jobs.completed}/logs`);
    expect(status).toBe(200);
    expect(body).toEqual({ lines: [`working on ${jobs.completed}`] });
    expect((await server.call('GET', `/api/jobs/${jobs.pending}/logs`)).body).toEqual({ lines: [] });
    expect((await server.call('GET', '/api/jobs/j_nothing/logs')).status).toBe(404);
  });
});

describe('DELETE /api/jobs/:id', () => {
  it('answers 409 to one that runs', async () => {
    const { status, body } = await server.call('DELETE', `/api/jobs/${jobs.processing}`);
    expect(status).toBe(409);
    expect(body.error.code).toBe('JOB_STATE');
    expect((await look(jobs.processing)).status).toBe('processing');
  });

  it('deletes all others, answers 204 without a body, then 404', async () => {
    for (const id of [jobs.pending, jobs.completed]) {
      const { status, body } = await server.call('DELETE', `/api/jobs/${id}`);
      expect([status, body]).toEqual([204, null]);
      expect((await server.call('GET', `/api/jobs/${id}`)).status).toBe(404);
      expect((await server.call('DELETE', `/api/jobs/${id}`)).status).toBe(404);
    }
  });
});
