import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JobPage } from '../../src/jobs/list-jobs.ts';
import type { Job } from '../../src/jobs/job.ts';
import type { DeadLetterGroup } from '../../src/jobs/group-dead-letters.ts';
import type { QueueSummary, WorkerSummary } from '../../src/jobs/snapshot-types.ts';
import { startPlainWorker } from '../helpers/plain-worker.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { type ErrorAnswer, startTestServer, type TestServer } from './test-server.ts';

let redis: TestRedis;
let server: TestServer;

beforeAll(async () => {
  redis = await startRedis();
  server = await startTestServer(
    redis.url,
    { queues: { mail: {}, bulk: {}, tiny: { maxDepth: 3 } }, server: { bodyLimit: '1mb' } },
    {
      'EMAIL.mjs': 'export default async () => { throw new Error("no handler should run here"); };',
    },
  );
});

afterAll(async () => {
  await server.stop();
  await redis.stop();
});

const total = async (queue: string): Promise<number> =>
  (await server.call<JobPage>('GET', `/api/jobs?queue=${queue}&limit=1`)).body.total;

describe('POST /api/jobs/bulk', () => {
  interface Added {
    ids: string[];
    created: number;
  }
  const send = (jobs: unknown, key?: string) =>
    server.call<Added & ErrorAnswer>(
      'POST',
      '/api/jobs/bulk',
      { jobs },
      key === undefined ? {} : { 'idempotency-key': key },
    );
  const job = (n: number, options: object = {}) => ({
    type: 'anything',
    payload: n,
    options: { queue: 'bulk', ...options },
  });

  it('stores them all and gives their ids in order', async () => {
    const { status, body } = await send([job(1), job(2, { delay: '1h' }), job(3, { priority: 2 })]);
    expect(status).toBe(201);
    expect(body.created).toBe(3);
    const stored = await Promise.all(body.ids.map((id) => server.call<Job>('GET', `/api/jobs/${id}`)));
    expect(stored.map(({ body: { payload, state } }) => [payload, state])).toEqual([
      [1, 'waiting'],
      [2, 'delayed'],
      [3, 'prioritized'],
    ]);
  });

  it('takes 1,000 at once, and no more', async () => {
    const before = await total('bulk');
    const all = Array.from({ length: 1000 }, (_, index) => job(index));
    const { status, body } = await send(all);
    expect([status, body.ids.length]).toEqual([201, 1000]);
    expect(await total('bulk')).toBe(before + 1000);
    const more = await send([...all, job(1)]);
    expect(more.status).toBe(400);
    expect(more.body.error.message).toBe('Expected "jobs" in the body to be a list of 1 to 1000 jobs, got a list');
    expect(await total('bulk')).toBe(before + 1000);
  });

  it.each([
    [[job(1), { type: 'greet', payload: { name: 7 } }], 422, 'INVALID_PAYLOAD', 'jobs.1.payload.name'],
    [[job(1), job(2), { type: 'gret', payload: {} }], 400, 'UNKNOWN_TYPE', 'jobs.2'],
    [[{ typ: 'greet', payload: {} }, job(1)], 400, 'USAGE', 'jobs.0.type'],
    [[job(1), job(2, { jobId: 'wait' })], 400, 'USAGE', 'jobs.1.options.jobId'],
    [[job(1), job(2, { delay: '5m', at: '2040-01-31T09:00:00Z' })], 400, 'USAGE', 'jobs.1'],
    [[job(1), job(2, { queue: 'no spaces' })], 400, 'USAGE', 'jobs.1.options.queue'],
    [[job(1), null], 400, 'USAGE', 'jobs.1'],
    [[], 400, 'USAGE', 'jobs'],
    ['all', 400, 'USAGE', 'jobs'],
    [undefined, 400, 'USAGE', 'jobs'],
  ])('refuses %j with %s, says where, and stores nothing', async (jobs, expected, code, path) => {
    const before = await total('bulk');
    const { status, body } = await send(jobs);
    expect(status).toBe(expected);
    expect(body.error).toMatchObject({ code, details: [expect.objectContaining({ path }) as object] });
    expect(await total('bulk')).toBe(before);
  });

  it('stores none when the queue has no room for all', async () => {
    const { status, body } = await send([1, 2, 3, 4].map((n) => job(n, { queue: 'tiny' })));
    expect(status).toBe(429);
    expect(body.error.code).toBe('QUEUE_FULL');
    expect(await total('tiny')).toBe(0);
  });

  it('answers 404 to a queue that is not there, and stores nothing', async () => {
    const before = await total('bulk');
    expect((await send([job(1), job(2, { queue: 'bulkk' })])).status).toBe(404);
    expect(await total('bulk')).toBe(before);
  });

  it('is repeatable under an idempotency key, and refuses it for any other list', async () => {
    const before = await total('bulk');
    const first = await send([job(1), job(2)], 'list-1');
    const again = await send([job(1), job(2)], 'list-1');
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(again.body).toEqual({ ids: first.body.ids, created: 0 });
    for (const other of [[job(1)], [job(2), job(1)], [job(1), job(2), job(3)], [job(1), job(9)]]) {
      const { status, body } = await send(other, 'list-1');
      expect([status, body.error.code]).toEqual([422, 'KEY_REUSED']);
    }
    expect((await send([job(1), job(2)], 'list-2')).body.ids).not.toEqual(first.body.ids);
    expect(await total('bulk')).toBe(before + 4);
  });

  it('gives the id of the job that was there before for a deduplicated one', async () => {
    const dedupe = { dedupe: 'same' };
    const { body } = await send([job(1, dedupe), job(2, dedupe), job(3)]);
    expect(body.created).toBe(2);
    expect(body.ids[1]).toBe(body.ids[0]);
  });
});

describe('the words of other job queues', () => {
  interface Status {
    jobId: string;
    status: string;
    retries: number;
    createdAt: string;
    updatedAt: string;
  }
  const status = async (id: string): Promise<Status> => (await server.call<Status>('GET', `/job-status/${id}`)).body;

  it('POST /jobs takes a type in capitals as it is', async () => {
    const { status, body } = await server.call<Job>('POST', '/jobs', {
      type: 'EMAIL',
      payload: { to: 'user@test.com' },
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({ type: 'EMAIL', payload: { to: 'user@test.com' }, status: 'pending' });
  });

  it('POST /submit-job and GET /job-status/:jobId tell the whole way of a job', async () => {
    const options = { queue: 'mail', attempts: 2, backoff: { type: 'fixed', delay: '50ms' } };
    const sent = await server.call<Status>('POST', '/submit-job', { jobType: 'anything', payload: 'fail', options });
    expect(sent.status).toBe(201);
    expect(sent.body).toEqual({ jobId: sent.body.jobId, status: 'QUEUED' });
    const { jobId } = sent.body;
    expect(sent.headers.get('location')).toBe(`/job-status/${jobId}`);
    const first = await status(jobId);
    expect(first).toEqual({
      jobId,
      status: 'QUEUED',
      retries: 0,
      createdAt: expect.stringMatching(/Z$/) as string,
      updatedAt: first.createdAt,
    });

    const worker = startPlainWorker(redis, 'mail');
    await expect.poll(async () => await status(jobId)).toMatchObject({ status: 'PROCESSING', retries: 0 });
    worker.release();
    await expect.poll(async () => await status(jobId)).toMatchObject({ status: 'FAILED', retries: 1 });
    const good = await server.call<Status>('POST', '/submit-job', { jobType: 'anything', payload: 1, options });
    await expect.poll(async () => await status(good.body.jobId)).toMatchObject({ status: 'COMPLETED', retries: 0 });
    await worker.stop();
  });

  it('repeats a submission under its idempotency key, with where the job is by then', async () => {
    const send = () =>
      server.call<Status>(
        'POST',
        '/submit-job',
        { jobType: 'anything', payload: 1, options: { queue: 'mail' } },
        { 'idempotency-key': 'once' },
      );
    const first = await send();
    const worker = startPlainWorker(redis, 'mail');
    worker.release();
    await expect.poll(async () => (await status(first.body.jobId)).status).toBe('COMPLETED');
    await worker.stop();
    const again = await send();
    expect(again.status).toBe(200);
    expect(again.body).toEqual({ jobId: first.body.jobId, status: 'COMPLETED' });
  });

  it('refuses what POST /api/jobs refuses', async () => {
    const refused = [
      [{ type: 'greet', payload: {} }, 400],
      [{ jobType: 'greet', payload: { name: 7 } }, 422],
      [{ jobType: 'gret', payload: {} }, 400],
      [{ jobType: 'greet' }, 400],
    ] as const;
    for (const [body, expected] of refused)
      expect((await server.call('POST', '/submit-job', body)).status).toBe(expected);
    expect((await server.call('GET', '/job-status/j_nothing')).status).toBe(404);
  });
});

describe('dead letters', () => {
  let ids: string[];

  beforeAll(async () => {
    const worker = startPlainWorker(redis, 'mail');
    worker.release();
    ids = [];
    for (const type of ['anything', 'anything', 'EMAIL']) {
      const { body } = await server.call<Job>('POST', '/api/jobs', {
        type,
        payload: 'fail',
        options: { queue: 'mail', attempts: 1 },
      });
      ids.unshift(body.id);
      await server.call('GET', `/api/jobs/${body.id}?wait=20s`);
    }
    await worker.stop();
  });

  it('are listed newest first, in pages and by filters', async () => {
    const list = async (query: string) => (await server.call<JobPage>('GET', `/api/dlq?queue=mail${query}`)).body;
    const all = await list('');
    expect(all).toMatchObject({ limit: 100, offset: 0 });
    expect(all.jobs.slice(0, 3).map(({ id }) => id)).toEqual(ids);
    expect((await list('&limit=1&offset=1')).jobs.map(({ id }) => id)).toEqual([ids[1]]);
    expect((await list('&type=EMAIL')).jobs.map(({ id }) => id)).toEqual([ids[0]]);
    expect((await list('&error=BROKE&type=anything&limit=2')).jobs.map(({ id }) => id)).toEqual(ids.slice(1));
    expect(await list('&until=1h')).toMatchObject({ jobs: [], total: 0 });
    expect((await list('&since=1h')).total).toBe(all.total);
  });

  it('are grouped by what went wrong', async () => {
    const { status, body } = await server.call<{ groups: DeadLetterGroup[]; total: number; complete: boolean }>(
      'GET',
      '/api/dlq/groups?since=1h',
    );
    expect(status).toBe(200);
    expect(body.complete).toBe(true);
    expect(body.total).toBe(body.groups.reduce((sum, { count }) => sum + count, 0));
    expect(body.groups.map(({ type }) => type)).toEqual(['anything', 'EMAIL']);
    expect(body.groups[1]).toEqual({
      fingerprint: expect.stringMatching(/^[\da-f]{12}$/) as string,
      type: 'EMAIL',
      errorName: 'Error',
      error: 'it broke',
      count: 1,
      queues: ['mail'],
      firstAt: expect.stringMatching(/Z$/) as string,
      lastAt: expect.stringMatching(/Z$/) as string,
      // Of the hour that was asked for, its end.
      trend: [...Array.from({ length: 23 }, () => 0), 1],
      sampleId: ids[0],
    });
    expect((await server.call<{ groups: unknown[] }>('GET', '/api/dlq/groups?limit=1')).body.groups).toHaveLength(1);
  });

  it.each([
    [{}, 'nothing was chosen'],
    [{ limit: 5 }, 'nothing was chosen'],
    [{ all: false }, 'nothing was chosen'],
    [{ all: true, ids: ['x'] }, 'got both'],
    [{ ids: [] }, '"ids"'],
    [{ since: 'soon' }, '"since" in the body to be a time'],
    [{ all: true, rate: '0/s' }, '"rate" in the body to be a rate'],
    [{ all: true, error: 'x'.repeat(201) }, '"error"'],
    [{ everything: true }, 'Unknown field "everything"'],
  ])('are not replayed for %j', async (request, message) => {
    const { status, body } = await server.call('POST', '/api/dlq/replay', request);
    expect(status).toBe(400);
    expect(body.error.message).toContain(message);
  });

  it('are counted, then replayed once', async () => {
    const replay = (request: object) => server.call<Record<string, unknown>>('POST', '/api/dlq/replay', request);
    const wanted = { type: 'anything', queue: 'mail', error: 'broke', rate: '1000/s' };
    const dry = await replay({ ...wanted, dryRun: true });
    const amount = dry.body.total as number;
    expect(dry.body).toMatchObject({ byQueue: { mail: amount } });
    expect(amount).toBeGreaterThanOrEqual(2);
    const done = await replay(wanted);
    expect(done).toMatchObject({ status: 200, body: { replayed: amount, complete: true } });
    expect(done.body.batch).toMatch(/^r_/);
    expect((await replay(wanted)).body.replayed).toBe(0);
    expect((await server.call<Job>('GET', `/api/jobs/${ids[1]}`)).body.status).toBe('pending');

    expect((await replay({ ids: [ids[0], 'j_nothing'] })).status).toBe(404);
    expect((await replay({ ids: [ids[0]] })).body).toMatchObject({ replayed: 1 });
    expect((await replay({ queue: 'nowhere' })).status).toBe(404);
  });
});

describe('queues and workers', () => {
  it('lists queues, pauses one and lets it go on', async () => {
    const find = async (name: string) =>
      (await server.call<{ queues: QueueSummary[] }>('GET', '/api/queues')).body.queues.find(
        (queue) => queue.name === name,
      );
    expect(await find('bulk')).toMatchObject({ paused: false, workers: 0, completedPerSecond: null });

    const { status, body } = await server.call('POST', '/api/queues/bulk/pause');
    expect([status, body]).toEqual([200, { name: 'bulk', paused: true }]);
    expect(await find('bulk')).toMatchObject({ paused: true });
    const { body: job } = await server.call<Job>('POST', '/api/jobs', {
      type: 'anything',
      payload: 1,
      options: { queue: 'bulk', priority: 1 },
    });
    const worker = startPlainWorker(redis, 'bulk');
    worker.release();
    expect((await server.call<Job>('GET', `/api/jobs/${job.id}?wait=300ms`)).body.status).toBe('pending');
    expect((await server.call('POST', '/api/queues/bulk/resume')).body).toEqual({ name: 'bulk', paused: false });
    expect((await server.call<Job>('GET', `/api/jobs/${job.id}?wait=20s`)).body.status).toBe('completed');
    await worker.stop();
  });

  it.each([
    ['nowhere', 404],
    ['no%20spaces', 400],
    ['a%3Ab', 400],
  ])('answers the queue %s with %s', async (name, expected) => {
    for (const word of ['pause', 'resume'])
      expect((await server.call('POST', `/api/queues/${name}/${word}`)).status).toBe(expected);
  });

  it('lists workers', async () => {
    const { status, body } = await server.call<{ workers: WorkerSummary[] }>('GET', '/api/workers');
    expect([status, body]).toEqual([200, { workers: [] }]);
  });
});
