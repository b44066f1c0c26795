import { Queue } from 'bullmq';
import { afterAll, afterEach, beforeAll, expect, it, onTestFinished } from 'vitest';
import { listAudit } from '../../src/jobs/audit.ts';
import { enqueue } from '../../src/jobs/enqueue.ts';
import { getJob } from '../../src/jobs/find-jobs.ts';
import { waitForJob } from '../../src/jobs/wait-for-job.ts';
import { readKeyspace } from '../helpers/keyspace.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { startTestWorker } from '../helpers/test-worker.ts';
import { startTestServer, type TestServer } from './test-server.ts';

const MB = 1024 * 1024;
const HANDLERS = {
  'doomed.mjs': `import { Discard } from 'jobqueue'; export default async () => { throw new Discard('never'); };`,
};

/** A job as the board shows it. */
interface BoardJob {
  id: string;
  name: string;
  data: unknown;
  returnValue: unknown;
  failedReason: string;
  stacktrace: string[];
}
interface BoardQueues {
  queues: { name: string; counts: Record<string, number>; jobs: BoardJob[]; readOnlyMode: boolean }[];
}

let redis: TestRedis;
let server: TestServer;

beforeAll(async () => {
  redis = await startRedis();
  server = await startTestServer(redis.url, {}, HANDLERS);
});
afterEach(() => server.project.broker.redis.call('FLUSHALL'));
afterAll(async () => {
  await server.stop();
  await redis.stop();
});

const board = <Body>(method: string, path: string, body?: unknown) =>
  server.call<Body>(method, `/admin/queues/api/queues${path}`, body);
const jobsOf = async (queue: string, query = ''): Promise<BoardJob[]> => {
  const { body } = await board<BoardQueues>('GET', `?activeQueue=${queue}${query}`);
  return body.queues.find(({ name }) => name === queue)!.jobs;
};
const clientCount = async (): Promise<number> =>
  ((await server.project.broker.redis.call('CLIENT', 'LIST')) as string).trim().split('\n').length;

/** A program other than ours. */
function foreignQueue(name: string): Queue {
  const queue = new Queue(name, { connection: { path: redis.socketPath } });
  onTestFinished(() => queue.close());
  return queue;
}

async function deadJob(payload: object = {}): Promise<string> {
  const { id } = await enqueue(server.project, { type: 'doomed', payload });
  const worker = await startTestWorker(server.project);
  await waitForJob(server.project, id);
  await worker.stop();
  return id;
}

it('is loaded when it is opened, over one connection, which goes with the server', async () => {
  const before = await clientCount();
  const own = await startTestServer(redis.url);
  expect(await clientCount()).toBe(before + 1);
  const response = await fetch(`${own.url}/admin/queues`);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self'; /);
  expect(await response.text()).not.toContain('https:');
  for (let index = 0; index < 20; index += 1) await foreignQueue(`queue-${index}`).add('x', {});
  await own.project.broker.redis.call('DEL', own.project.broker.keys.queuesSearched);
  const { body } = await own.call<BoardQueues>('GET', '/admin/queues/api/queues');
  expect(body.queues).toHaveLength(20);
  // One for the board; the twenty are the test's own, which close later.
  expect(await clientCount()).toBe(before + 2 + 20);
  await own.stop();
  await expect.poll(clientCount).toBe(before + 20);
});

it('shows new queues without a restart, and to look changes nothing', async () => {
  const { broker } = server.project;
  await enqueue(server.project, { type: 'greet', payload: { name: 'Ada' } });
  const names = async () => (await board<BoardQueues>('GET', '')).body.queues.map(({ name }) => name);
  expect(await names()).toEqual(['default']);
  await foreignQueue('foreign').add('x', {});
  await broker.redis.call('DEL', broker.keys.queuesSearched);
  expect(await names()).toEqual(['default', 'foreign']);
  const before = await readKeyspace(broker.redis, 'bull:*');
  await names();
  await jobsOf('foreign');
  expect(await readKeyspace(broker.redis, 'bull:*')).toEqual(before);
  await broker.redis.call('SREM', broker.keys.queues, 'foreign');
  expect(await names()).toEqual(['default']);
});

it('loads no job of hostile size', async () => {
  const queue = foreignQueue('huge');
  const large = 'x'.repeat(20 * MB);
  const { id } = await queue.add('big', { large });
  await queue.add('small', { note: 'fine' });
  const { redis: connection, keys } = server.project.broker;
  await connection.call('HSET', keys.job('huge', id!), 'returnvalue', JSON.stringify(large), 'failedReason', large);
  await connection.call('HSET', keys.job('huge', id!), 'stacktrace', JSON.stringify([large]));
  for (let index = 0; index < 1100; index += 1) await connection.call('RPUSH', keys.logs('huge', id!), `line ${index}`);
  await connection.call('RPUSH', keys.logs('huge', id!), large);

  const [small, big] = await jobsOf('huge');
  const note = '(20mb: too large to show)';
  expect(big).toMatchObject({ name: 'big', data: note, returnValue: note, failedReason: note, stacktrace: [note] });
  expect(small).toMatchObject({ name: 'small', data: { note: 'fine' } });
  const { body: one } = await board<{ job: BoardJob; status: string }>('GET', `/huge/${id}`);
  expect(one).toMatchObject({ status: 'waiting', job: { data: note } });
  const { body: lines } = await board<string[]>('GET', `/huge/${id}/logs`);
  expect(lines).toEqual([large.slice(0, MB)]);
  await connection.call('LTRIM', keys.logs('huge', id!), 0, -2);
  const { body: shorter } = await board<string[]>('GET', `/huge/${id}/logs`);
  expect([shorter.length, shorter[0], shorter.at(-1)]).toEqual([1000, 'line 100', 'line 1099']);

  // To store what is shown would lose what is not.
  const changed = await board('PATCH', `/huge/${id}/update-data`, { jobData: { large: 'gone' } });
  expect([changed.status, changed.body]).toMatchObject([
    409,
    { message: expect.stringContaining('too large') as string },
  ]);
  expect(await connection.call('HSTRLEN', keys.job('huge', id!), 'data')).toBeGreaterThan(20 * MB);
  const small2 = await board('PATCH', `/huge/${small!.id}/update-data`, { jobData: { note: 'better' } });
  expect(small2.status).toBe(200);
  expect((await jobsOf('huge'))[0]!.data).toEqual({ note: 'better' });
});

it('a page of many jobs has the same limit as one of few', async () => {
  const queue = foreignQueue('many');
  await queue.addBulk(
    Array.from({ length: 200 }, (_, index) => ({ name: 'x', data: { text: 'y'.repeat(100_000), index } })),
  );
  const response = await fetch(`${server.url}/admin/queues/api/queues?activeQueue=many&status=waiting&jobsPerPage=200`);
  const text = await response.text();
  expect((JSON.parse(text) as BoardQueues).queues[0]!.jobs).toHaveLength(200);
  expect(text.length).toBeLessThan(9 * MB);
});

it('shows what is no JSON, and jobs that are gone do no harm', async () => {
  const { redis: connection, keys } = server.project.broker;
  const { id } = await enqueue(server.project, { type: 'greet', payload: { name: 'Ada' } });
  await connection.call(
    'HSET',
    keys.job('default', id),
    'data',
    '{"broken',
    'progress',
    '}',
    'returnvalue',
    '[',
    'opts',
    '"x"',
  );
  await connection.call('RPUSH', keys.queue('default', 'wait'), 'gone');
  expect(await jobsOf('default')).toMatchObject([{ id, name: 'greet', data: '{"broken' }]);
});

it('retries as jq does, and only what is dead', async () => {
  const id = await deadJob();
  const retry = (each: string) => board('PUT', `/default/${each}/retry`);
  expect((await retry(id)).status).toBe(204);
  expect(await getJob(server.project, id)).toMatchObject({ status: 'pending', attempts: 0 });
  expect((await retry(id)).status).toBe(400);
  expect((await retry('j_none')).status).toBe(404);

  const worker = await startTestWorker(server.project);
  await waitForJob(server.project, id);
  await worker.stop();
  expect((await board<{ retried: number }>('PUT', '/default/retry/failed')).body).toEqual({ retried: 1, skipped: 0 });
  expect(await getJob(server.project, id)).toMatchObject({ status: 'pending', attempts: 0 });
  expect((await board('PUT', `/default/${id}/clean`)).status).toBe(204);
  await expect(getJob(server.project, id)).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
});

it('jobs that are added there are checked like all others', async () => {
  const add = (body: object) => board<{ job: BoardJob } & { message: string }>('POST', '/default/add', body);
  await enqueue(server.project, { type: 'greet', payload: { name: 'Ada' } });
  const options = {
    attempts: 2,
    jobId: '0:1',
    removeOnFail: true,
    parent: { id: 'x', queue: 'y' },
    repeat: { every: 1 },
  };
  const good = await add({ name: 'greet', data: { name: 'Eve' }, options });
  expect(good.status).toBe(200);
  expect(good.body.job).toMatchObject({ id: expect.stringMatching(/^j_/) as string, name: 'greet' });
  expect(good.body.job).toMatchObject({ opts: { attempts: 2, removeOnFail: false } });
  expect(JSON.stringify(good.body)).not.toMatch(/repeat|parent/);
  expect((await add({ name: 'greet', data: { name: 7 } })).status).toBe(422);
  const unknown = await add({ name: 'gret', data: {} });
  expect([unknown.status, unknown.body.message]).toEqual([400, expect.stringContaining('greet')]);
  expect((await add({ name: 'greet', data: { name: 'Eve' }, options: { attempts: -1 } })).status).toBe(400);
  expect(await jobsOf('default')).toHaveLength(2);
});

it('item 16: who may only look sees no buttons and is refused; each change leaves a line of who made it', async () => {
  const own = await startTestServer(redis.url, {}, HANDLERS);
  onTestFinished(() => own.stop());
  const id = await deadJob();
  const keys = {
    reader: await own.key('read', { name: 'reader' }),
    operator: await own.key('operate', { name: 'operator' }),
    boss: await own.key('admin', { name: 'boss' }),
  };
  // Until it knows of a key, a server on this machine is open.
  await expect.poll(async () => (await own.call('GET', '/admin/queues')).status).toBe(401);
  type Who = keyof typeof keys;
  const ask = <Body>(who: Who, method: string, path: string, body?: unknown) =>
    own.call<Body>(method, `/admin/queues/api/queues${path}`, body, keys[who]);
  const readOnly = async (who: Who) =>
    (await ask<BoardQueues>(who, 'GET', '')).body.queues.map((each) => each.readOnlyMode);
  expect(await readOnly('reader')).toEqual([true]);
  expect(await readOnly('operator')).toEqual([false]);
  expect((await own.call('GET', '/admin/queues/api/queues')).status).toBe(401);
  const confined = await own.key('enqueue:mail,read', { name: 'confined' });
  expect((await own.call('GET', '/admin/queues/api/queues', undefined, confined)).status).toBe(403);
  for (const [method, path] of [
    ['PUT', `/default/${id}/retry`],
    ['PUT', `/default/${id}/clean`],
    ['PUT', '/pause'],
    ['PUT', '/default/obliterate'],
    ['POST', '/default/add'],
    ['PATCH', `/default/${id}/update-data`],
  ] as const) {
    expect((await ask('reader', method, path, {})).status, path).toBe(403);
  }
  expect(await getJob(server.project, id)).toMatchObject({ status: 'failed' });

  const add = { name: 'greet', data: { name: 'Eve' } };
  expect((await ask('operator', 'POST', '/default/add', add)).status).toBe(403);
  expect((await ask('boss', 'POST', '/default/add', add)).status).toBe(200);
  expect((await ask('operator', 'PUT', '/default/pause')).status).toBe(200);
  expect((await ask('operator', 'PUT', `/default/${id}/retry`)).status).toBe(204);
  expect((await ask('operator', 'PUT', `/default/${id}/retry`)).status).toBe(400);
  expect((await ask('boss', 'PUT', '/default/retry/failed')).body).toEqual({ retried: 0, skipped: 0 });
  expect((await ask('boss', 'PUT', `/default/${id}/clean`)).status).toBe(204);
  expect((await ask('boss', 'PUT', '/default/clean/completed')).status).toBe(200);
  const lines = (await listAudit(own.project, 10)).filter(({ what }) => !what.endsWith('-key'));
  expect(lines.toReversed()).toMatchObject([
    { who: 'key:operator', what: 'pause', queue: 'default', address: '127.0.0.1' },
    { who: 'key:operator', what: 'retry', queue: 'default', id, count: 1 },
    { who: 'key:boss', what: 'remove', queue: 'default', id },
    { who: 'key:boss', what: 'clean', queue: 'default', filter: { state: 'completed' } },
  ]);
});

it('pauses and resumes, and refuses what is not JSON', async () => {
  await enqueue(server.project, { type: 'greet', payload: { name: 'Ada' } });
  const paused = () => server.project.broker.redis.call('HEXISTS', 'bull:default:meta', 'paused');
  expect((await board('PUT', '/default/pause')).status).toBe(200);
  expect(await paused()).toBe(1);
  expect((await board('PUT', '/default/resume')).status).toBe(200);
  expect(await paused()).toBe(0);
  const form = await fetch(`${server.url}/admin/queues/api/queues/default/add`, {
    method: 'POST',
    headers: { 'content-type': 'text/plain' },
    body: '{"name":"greet"}',
  });
  expect(form.status).toBe(415);
});

it('its files come from this server, may be kept, and nothing else can be had', async () => {
  const page = await (await fetch(`${server.url}/admin/queues/`)).text();
  const [, file] = /src="(static\/js\/main[^"]+)"/.exec(page)!;
  const first = await fetch(`${server.url}/admin/queues/${file}`);
  expect([first.status, first.headers.get('content-type')]).toEqual([200, 'application/javascript; charset=utf-8']);
  expect(first.headers.get('cache-control')).toBe('no-cache');
  expect((await first.text()).length).toBeGreaterThan(10_000);
  const again = await fetch(`${server.url}/admin/queues/${file}`, {
    headers: { 'if-none-match': first.headers.get('etag')! },
  });
  expect(again.status).toBe(304);
  for (const path of [
    'static/../index.ejs',
    'static/%2e%2e/index.ejs',
    'static/..%2f..%2fpackage.json',
    '../look/',
    'look',
  ]) {
    expect((await fetch(`${server.url}/admin/queues/${path}`)).status, path).toBe(404);
  }
});

it('without Redis it says so in time, without a word of Redis', async () => {
  await board('GET', '');
  await redis.kill();
  const away = await board('GET', '');
  await redis.restart();
  expect(away.status).toBe(503);
  expect(away.body).toEqual({ error: { key: 'ERRORS.INTERNAL_SERVER_ERROR' }, message: 'Redis does not answer' });
  await expect.poll(async () => (await board('GET', '')).status).toBe(200);
  // The other connection may take longer to come back.
  await server.project.broker.redis.call('PING');
});
