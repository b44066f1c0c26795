import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isAlive } from '../helpers/processes.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { type RunningJq, runJq, startJq } from '../helpers/run-jq.ts';

interface Job {
  state: string;
  attempts: number;
  error: string | null;
}
type Payload = { how: string; ms?: number };

const WITHIN = { timeout: 25_000, interval: 50 };
const ROUGH = path.resolve('test/fixtures/rough');

let redis: TestRedis;
let folder: string;
let starts: string;
let options: { cwd: string; env: Record<string, string> };

beforeAll(async () => {
  redis = await startRedis();
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'jobqueue-rough-'));
});
afterAll(async () => {
  await redis.stop();
  fs.rmSync(folder, { recursive: true });
});

let tests = 0;
beforeEach(() => {
  tests += 1;
  starts = path.join(folder, `starts-${tests}`);
  fs.writeFileSync(starts, '');
  // A prefix for each test: what one leaves running is nothing to the next.
  options = {
    cwd: ROUGH,
    env: { JQ_REDIS_URL: redis.url, JQ_REDIS_PREFIX: `t${tests}`, NODE_OPTIONS: '--max-old-space-size=120' },
  };
});

const enqueue = async (payload: Payload, ...flags: string[]): Promise<string> => {
  const words = ['enqueue', 'rough', '--payload', JSON.stringify({ ...payload, starts }), ...flags];
  const { code, stdout, stderr } = await runJq(words, options);
  expect(code, stderr).toBe(0);
  return stdout.trim();
};
const job = async (id: string): Promise<Job> =>
  JSON.parse((await runJq(['jobs', 'show', id, '--json'], options)).stdout) as Job;
const startLines = (): string[][] =>
  fs
    .readFileSync(starts, 'utf8')
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split(' '));
const pidOf = async (how: string): Promise<number> => {
  await expect.poll(() => startLines().some(([first]) => first === how), WITHIN).toBe(true);
  return Number(
    startLines()
      .findLast(([first]) => first === how)!
      .at(-2),
  );
};
const startWorker = async (...flags: string[]): Promise<RunningJq> => {
  const worker = startJq(['work', ...flags], options);
  await worker.says(/"working"/);
  return worker;
};
describe('a worker process that ends by itself', () => {
  it.each(['exit', 'abort', 'run out of memory'])(
    'is replaced, and a job that keeps doing it is dead: %s',
    async (how) => {
      const worker = await startWorker();
      const innocent = await enqueue({ how: 'wait', ms: 400 });
      const poison = await enqueue({ how });
      await expect.poll(async () => (await job(poison)).state, WITHIN).toBe('failed');
      expect((await job(poison)).error).toMatch(/^It keeps ending its worker process \(/);
      await expect.poll(async () => (await job(innocent)).state, WITHIN).toBe('completed');
      // What another job did to the process cost it nothing.
      expect((await job(innocent)).attempts).toBe(1);
      const next = await enqueue({ how: 'nothing' });
      await expect.poll(async () => (await job(next)).state, WITHIN).toBe('completed');
      worker.child.kill('SIGTERM');
      expect((await worker.finished).code).toBe(0);
    },
  );

  it('gives its jobs back at once when it is killed, no attempt used', async () => {
    const worker = await startWorker();
    const id = await enqueue({ how: 'wait', ms: 1500 });
    process.kill(await pidOf('wait'), 'SIGKILL');
    await worker.says(/put back: its process ended/);
    await expect.poll(async () => (await job(id)).state, WITHIN).toBe('completed');
    expect((await job(id)).attempts).toBe(1);
    expect(startLines().map(([how, attempt]) => `${how} ${attempt}`)).toEqual(['wait 1', 'wait 1']);
  });
});

it('a handler that holds its process beyond its time has failed, and its neighbours go on', async () => {
  await startWorker();
  const spinning = await enqueue({ how: 'spin' }, '--timeout', '500ms', '--attempts', '1');
  await pidOf('spin');
  const neighbour = await enqueue({ how: 'nothing' });
  await expect.poll(async () => (await job(spinning)).state, WITHIN).toBe('failed');
  expect(await job(spinning)).toMatchObject({ attempts: 1, error: expect.stringContaining('Timed out') as string });
  await expect.poll(async () => (await job(neighbour)).state, WITHIN).toBe('completed');
  expect((await job(neighbour)).attempts).toBe(1);
  // The process could not count it any more: the supervisor did.
  const failures = async () => {
    const { stdout } = await runJq(['queues', 'list', '--json'], options);
    return (JSON.parse(stdout) as { failedPerSecond: number }[])[0]!.failedPerSecond;
  };
  await expect.poll(failures, WITHIN).toBeGreaterThan(0);
});

it('the locks of jobs are kept while a handler holds the main thread', async () => {
  await startWorker();
  // Longer than a lock lasts, within its own time: nobody else may take it meanwhile.
  const other = await startWorker();
  const long = await enqueue({ how: 'hold', ms: 17_000 }, '--timeout', '60s');
  await expect.poll(async () => (await job(long)).state, { timeout: 28_000, interval: 500 }).toBe('completed');
  expect(startLines()).toHaveLength(1);
  other.child.kill('SIGTERM');
});

it('a supervisor that is killed takes its processes with it', async () => {
  const worker = await startWorker();
  await enqueue({ how: 'wait', ms: 60_000 });
  const pid = await pidOf('wait');
  worker.child.kill('SIGKILL');
  await expect.poll(() => isAlive(pid), WITHIN).toBe(false);
});

it('even when the handler in it holds the main thread', async () => {
  const worker = await startWorker();
  await enqueue({ how: 'spin' }, '--timeout', '60s');
  const pid = await pidOf('spin');
  worker.child.kill('SIGKILL');
  await expect.poll(() => isAlive(pid), WITHIN).toBe(false);
});

it('--processes share the slots, and each runs jobs', async () => {
  const worker = await startWorker(
    '--processes',
    '2',
    '--concurrency',
    '3',
    '--queues',
    'default',
    '--log-level',
    'info',
  );
  expect(worker.said()).toMatch(/"slots":{"default":3}/);
  const ids = await Promise.all([1, 2, 3].map(() => enqueue({ how: 'wait', ms: 700 })));
  for (const id of ids) await expect.poll(async () => (await job(id)).state, WITHIN).toBe('completed');
  expect(new Set(startLines().map((line) => line.at(-2))).size).toBe(2);
  expect(new Set(startLines().map((line) => line.at(-1)))).toEqual(new Set([String(worker.child.pid)]));
  worker.child.kill('SIGTERM');
  expect((await worker.finished).code).toBe(0);
});

it('--inline runs everything in one process', async () => {
  const worker = await startWorker('--inline');
  await enqueue({ how: 'nothing' });
  expect(await pidOf('nothing')).toBe(worker.child.pid);
});
