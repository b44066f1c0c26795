import { afterAll, afterEach, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { registerQueues } from '../../src/broker/queues.ts';
import { unwrap } from '../../src/broker/redis.ts';
import { addDuration, addTotals, emptyTotals } from '../../src/broker/totals.ts';
import { enqueueMany } from '../../src/jobs/enqueue.ts';
import { waitForJob } from '../../src/jobs/wait-for-job.ts';
import { createMetrics } from '../../src/server/metrics/metrics.ts';
import { METRICS } from '../../src/server/metrics/table.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { startTestWorker } from '../helpers/test-worker.ts';
import { type Family, parsePrometheus, valueOf } from './prometheus-text.ts';
import { startTestServer, type TestServer } from './test-server.ts';

const CANARY = 'canary-4711';
const HANDLERS = {
  'flaky.mjs': `export default async (_payload, { job }) => { if (job.attempt === 1) throw new Error('${CANARY}'); };`,
  'doomed.mjs': `import { Discard } from 'jobqueue'; export default async () => { throw new Discard('${CANARY}'); };`,
};
const CONFIG = { queues: { mail: {} }, defaults: { backoff: { type: 'fixed', delay: 1 } } };

let redis: TestRedis;
let server: TestServer;

beforeAll(async () => {
  redis = await startRedis();
  server = await startTestServer(redis.url, CONFIG, HANDLERS);
});
afterEach(() => server.project.broker.redis.call('FLUSHALL'));
afterAll(async () => {
  await server.stop();
  await redis.stop();
});

async function scrape({ url } = server): Promise<Map<string, Family> & { text: string }> {
  const response = await fetch(`${url}/metrics`);
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(response.status).toBe(200);
  const text = await response.text();
  return Object.assign(parsePrometheus(text), { text });
}

/** The lines about jobs, which every server must give alike. */
const jobLines = ({ text }: { text: string }): string[] =>
  text.split('\n').filter((line) => /^jobqueue_(attempts|job_|jobs_dead|jobs)/.test(line));

it('the figures are those of what ran, in every server, and stay when the buckets of the workers expire', async () => {
  const { project } = server;
  const { redis: connection } = project.broker;
  const payload = { name: CANARY };
  const jobs = await enqueueMany(project, [
    { type: 'greet', payload },
    { type: 'greet', payload },
    { type: 'greet', payload, options: { queue: 'mail' } },
    { type: 'flaky', payload },
    { type: 'doomed', payload },
  ]);
  await enqueueMany(project, [{ type: 'greet', payload, options: { delay: '1h', queue: 'mail' } }]);
  const worker = await startTestWorker(project);
  for (const { id } of jobs) await waitForJob(project, id);
  await expect.poll(async () => valueOf(await scrape(), 'jobqueue_queue_workers', { queue: 'mail' })).toBe(1);
  await worker.stop();

  const figures = await scrape();
  const attempts = (queue: string, type: string, outcome: string) =>
    valueOf(figures, 'jobqueue_attempts_total', { queue, type, outcome });
  expect(attempts('default', 'greet', 'completed')).toBe(2);
  expect(attempts('mail', 'greet', 'completed')).toBe(1);
  expect([attempts('default', 'flaky', 'failed'), attempts('default', 'flaky', 'completed')]).toEqual([1, 1]);
  expect([attempts('default', 'doomed', 'failed'), attempts('default', 'doomed', 'completed')]).toEqual([1, 0]);
  expect(valueOf(figures, 'jobqueue_jobs_dead_total', { type: 'doomed' })).toBe(1);
  expect(valueOf(figures, 'jobqueue_jobs_dead_total', { type: 'flaky' })).toBe(0);
  // Every attempt has a run time; only first starts have a wait.
  expect(valueOf(figures, 'jobqueue_job_duration_seconds_count', { type: 'flaky' })).toBe(2);
  expect(valueOf(figures, 'jobqueue_job_wait_seconds_count', { type: 'flaky' })).toBe(1);
  expect(valueOf(figures, 'jobqueue_job_duration_seconds_sum', { type: 'flaky' })).toBeGreaterThan(0);
  const count = (queue: string, state: string) => valueOf(figures, 'jobqueue_jobs', { queue, state });
  expect([count('default', 'completed'), count('default', 'failed'), count('mail', 'delayed')]).toEqual([3, 1, 1]);
  expect(valueOf(figures, 'jobqueue_workers', { state: 'running' })).toBe(0);
  expect(valueOf(figures, 'jobqueue_redis_memory_used_bytes')).toBeGreaterThan(1e5);
  expect(valueOf(figures, 'jobqueue_redis_persistence_ok', { part: 'aof_write' })).toBe(1);

  const buckets = (await connection.call('KEYS', 'jq:bull:stats:*')) as string[];
  expect(buckets.length).toBeGreaterThan(0);
  await connection.call('DEL', ...buckets);
  const other = await startTestServer(redis.url, CONFIG, HANDLERS);
  onTestFinished(() => other.stop());
  expect(jobLines(await scrape())).toEqual(jobLines(figures));
  expect(jobLines(await scrape(other))).toEqual(jobLines(figures));

  // By now a request has ended, so every metric has had something to say.
  const filled = [...(await scrape()).values()].filter(({ samples }) => samples.length > 0).map(({ name }) => name);
  expect(filled).toEqual(expect.arrayContaining(Object.keys(METRICS)));
  expect(filled).toEqual(expect.arrayContaining(['process_cpu_seconds_total', 'nodejs_eventloop_lag_seconds']));
});

it('#30 no id, payload, reason or path is in it', async () => {
  const { project } = server;
  const [job] = await enqueueMany(project, [{ type: 'doomed', payload: { secret: CANARY } }]);
  const worker = await startTestWorker(project);
  await waitForJob(project, job!.id);
  await worker.stop();
  await server.call('GET', `/api/jobs/${job!.id}?queue=default`);
  await server.call('GET', `/${CANARY}`);
  await server.call('PROPFIND', `/api/jobs/${CANARY}`);
  const figures = await scrape();
  const requests = (labels: Record<string, string>) =>
    valueOf(figures, 'jobqueue_http_request_duration_seconds_count', labels);
  expect(requests({ method: 'GET', route: '/api/jobs/:id', status: '2xx' })).toBe(1);
  expect(requests({ method: 'GET', route: 'none', status: '4xx' })).toBe(1);
  expect(figures.text).not.toContain(CANARY);
  expect(figures.text).not.toContain(job!.id);
});

it('#30 without a key nothing is told but whether it lives', async () => {
  const own = await startTestServer(redis.url, CONFIG, HANDLERS);
  onTestFinished(() => own.stop());
  await enqueueMany(own.project, [{ type: 'doomed', payload: { secret: CANARY } }]);
  const [reader, producer] = [
    await own.key('read', { name: 'reader' }),
    await own.key('enqueue', { name: 'producer' }),
  ];
  await expect.poll(async () => (await own.call('GET', '/api/jobs')).status).toBe(401);
  const get = async (path: string, headers = {}) => {
    const response = await fetch(own.url + path, { headers });
    return { status: response.status, text: await response.text() };
  };
  for (const path of ['/metrics', '/health', '/livez', '/readyz']) {
    const { status, text } = await get(path);
    expect(status, path).toBe(path === '/metrics' ? 401 : 200);
    for (const name of ['default', 'mail', 'doomed', CANARY, 'redis.sock']) expect(text, path).not.toContain(name);
  }
  expect((await get('/metrics', producer)).status).toBe(403);
  expect((await get('/metrics', reader)).text).toContain('jobqueue_jobs{queue="mail"');
});

it('#30 names that anybody makes up fill no more than so many series, and what is folded only grows', async () => {
  const { broker } = server.project;
  const names = Array.from({ length: 700 }, (_, index) => `tenant-${String(index).padStart(3, '0')}`);
  const write = async (types: readonly string[]) => {
    const run = { seconds: 0, bins: new Map() };
    addDuration(run, 20);
    const commands = types.flatMap((type) =>
      addTotals(broker, { ...emptyTotals(), queue: 'default', type, completed: 1, run }),
    );
    for (const reply of await broker.redis.pipeline(commands)) unwrap(reply);
  };
  await registerQueues(broker, [...names, 'a "quoted"\\\nname']);
  await write(names);
  await broker.redis.call('LPUSH', broker.keys.queue('tenant-699', 'wait'), 'x', 'y');
  const folded = { queue: 'other', type: 'other' };
  const before = await scrape();
  const series = (name: string) => before.get(name)!.samples.length;
  expect(series('jobqueue_jobs')).toBe(501 * 7);
  expect(series('jobqueue_attempts_total')).toBe(501 * 2);
  expect(valueOf(before, 'jobqueue_jobs', { queue: 'other', state: 'waiting' })).toBe(2);
  expect(valueOf(before, 'jobqueue_jobs', { queue: 'a "quoted"\\\nname', state: 'waiting' })).toBe(0);
  expect(valueOf(before, 'jobqueue_attempts_total', { ...folded, outcome: 'completed' })).toBe(200);
  expect(valueOf(before, 'jobqueue_job_duration_seconds_count', folded)).toBe(200);

  // One that would come first by its name does not push another one out.
  await write(['a-newcomer']);
  const after = await scrape();
  expect(valueOf(after, 'jobqueue_attempts_total', { ...folded, outcome: 'completed' })).toBe(201);
  for (const { labels, value } of before.get('jobqueue_attempts_total')!.samples) {
    expect(valueOf(after, 'jobqueue_attempts_total', labels)).toBeGreaterThanOrEqual(value);
  }
});

it('a scrape takes three round trips, whatever there is', async () => {
  const { broker } = server.project;
  await registerQueues(
    broker,
    Array.from({ length: 50 }, (_, index) => `queue-${index}`),
  );
  // The search for queues of other programs, which no scrape waits for.
  await broker.redis.call('SET', broker.keys.queuesSearched, '1');
  const [calls, pipelines] = [vi.spyOn(broker.redis, 'call'), vi.spyOn(broker.redis, 'pipeline')];
  const roundTrips = async () => {
    pipelines.mockClear();
    await createMetrics(server.project).render();
    return pipelines.mock.calls.length;
  };
  // The queues, their figures, the rest; now and then the server asks something for itself in between.
  await expect.poll(roundTrips).toBe(3);
  // The time, and the API keys (HGETALL), are asked for once in a while, not for a scrape.
  expect(calls.mock.calls.filter(([command]) => !['SET', 'SMEMBERS', 'TIME', 'HGETALL'].includes(command))).toEqual([]);
  calls.mockRestore();
  pipelines.mockRestore();
});

it('says how long the oldest waits, what is paused and what other programs planted', async () => {
  const { broker } = server.project;
  const { redis: connection, keys } = broker;
  await registerQueues(broker, ['mail', 'broken']);
  const dueAt = Date.now() - 90_000;
  await connection.call('HSET', keys.job('mail', 'old'), 'timestamp', dueAt - 5000, 'delay', 5000);
  await connection.call('RPUSH', keys.queue('mail', 'wait'), 'newer', 'old');
  await connection.call('HSET', keys.queue('mail', 'meta'), 'paused', 1);
  await connection.call('SET', keys.queue('broken', 'wait'), 'planted');
  await connection.call('SET', keys.queue('broken', 'meta'), 'planted');
  const figures = await scrape();
  const age = valueOf(figures, 'jobqueue_queue_oldest_waiting_seconds', { queue: 'mail' });
  expect(age).toBeGreaterThanOrEqual(90);
  expect(age).toBeLessThan(120);
  expect(valueOf(figures, 'jobqueue_queue_paused', { queue: 'mail' })).toBe(1);
  expect(valueOf(figures, 'jobqueue_queue_paused', { queue: 'broken' })).toBe(0);
  expect(valueOf(figures, 'jobqueue_jobs', { queue: 'broken', state: 'waiting' })).toBe(0);
});

it('without Redis it says so, with all that is of this process', async () => {
  await redis.kill();
  const figures = await scrape();
  await redis.restart();
  expect(valueOf(figures, 'jobqueue_redis_up')).toBe(0);
  expect(figures.get('jobqueue_jobs')!.samples).toEqual([]);
  expect(valueOf(figures, 'process_resident_memory_bytes')).toBeGreaterThan(1e6);
  expect(valueOf(figures, 'jobqueue_build_info')).toBe(1);
  await expect.poll(async () => valueOf(await scrape(), 'jobqueue_redis_up')).toBe(1);
});
