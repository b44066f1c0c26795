import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { enqueue, type EnqueueRequest } from '../../src/jobs/enqueue.ts';
import { getJob } from '../../src/jobs/find-jobs.ts';
import type { Job } from '../../src/jobs/job.ts';
import { openProject, type Project } from '../../src/jobs/project.ts';
import { listQueues, listWorkers } from '../../src/jobs/snapshot.ts';
import { waitForJob } from '../../src/jobs/wait-for-job.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { runJq, type RunningJq, startJq } from '../helpers/run-jq.ts';
import { SteppedClock } from '../helpers/stepped-clock.ts';
import { folderOf } from '../helpers/write-files.ts';

const HOUR = 3_600_000;
/** What a job may take on a busy machine; far less than a clock is wrong by. */
const A_WHILE = 20_000;

const HANDLERS = {
  'handlers/note.mjs': 'export default () => new Date().toISOString();',
  'handlers/retried.mjs': `export default {
    backoff: { type: 'fixed', delay: '300ms' },
    run: (_payload, { job }) => { if (job.attempt === 1) throw new Error('the first attempt fails'); },
  };`,
  'handlers/snoozed.mjs': `import { Snooze } from 'jobqueue';
  let times = 0;
  export default ({ delay }) => { if ((times += 1) === 1 || delay === '1h') throw new Snooze(delay); };`,
  'handlers/dead.mjs': `import { Discard } from 'jobqueue'; export default () => { throw new Discard('no'); };`,
  'handlers/spinning.mjs': `export default {
    timeout: '100ms',
    backoff: { type: 'fixed', delay: '300ms' },
    run: (_payload, { job }) => { if (job.attempt === 1) for (;;); },
  };`,
  'handlers/limited.mjs': `export default { queue: 'limited', run: () => {} };`,
};
const CONFIG = { queues: { limited: { rateLimit: { max: 1, per: '500ms' } } } };

let server: TestRedis;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());

/** A project, a clock, and a worker whose machine has that clock; this process has the right one. */
async function openMachine() {
  const cwd = await folderOf({ ...HANDLERS, 'jobqueue.config.json': JSON.stringify(CONFIG) });
  const clock = new SteppedClock(path.join(cwd, 'clock'));
  const env = { JQ_REDIS_URL: server.url };
  const project = await openProject({ cwd, env, connection: 'lasting' });
  onTestFinished(() => project.close());
  await project.broker.redis.call('FLUSHALL');
  const there = { cwd, env: { ...env, ...clock.environment } };
  const done = async (request: EnqueueRequest): Promise<Job> =>
    waitForJob(project, (await enqueue(project, request)).id, { timeoutMs: A_WHILE });
  return { project, clock, there, done };
}

const startWorker = async (options: Parameters<typeof startJq>[1]): Promise<RunningJq> => {
  const worker = startJq(['work', '--log-level', 'info'], options);
  await worker.says(/"working"/);
  return worker;
};

const isNear = (time: Date | null, expected: number): boolean => Math.abs(time!.getTime() - expected) < A_WHILE;

describe.each([
  ['ahead', HOUR],
  ['behind', -HOUR],
])('a worker whose clock is set an hour %s while it works', (_word, aheadMs) => {
  it('starts, retries and snoozes jobs in their time, and neither sooner nor later', async () => {
    const { project, clock, there, done } = await openMachine();
    await startWorker(there);
    clock.set(aheadMs);
    const far = await enqueue(project, { type: 'note', options: { delay: '59m' } });
    const sleeper = await enqueue(project, { type: 'snoozed', payload: { delay: '1h' } });

    const delayed = await done({ type: 'note', options: { delay: '300ms' } });
    expect(delayed.startedAt!.getTime() - delayed.createdAt.getTime()).toBeGreaterThanOrEqual(299);
    expect(isNear(delayed.finishedAt, Date.now())).toBe(true);
    expect(isNear(new Date(delayed.result as string), Date.now() + aheadMs)).toBe(true);
    const retried = await done({ type: 'retried' });
    expect(retried).toMatchObject({ status: 'completed', attempts: 2 });
    expect(await done({ type: 'snoozed', payload: { delay: '300ms' } })).toMatchObject({ status: 'completed' });
    expect(await done({ type: 'note', options: { expiresIn: '59m' } })).toMatchObject({ status: 'completed' });

    expect(await getJob(project, far.id)).toMatchObject({ state: 'delayed', attempts: 0 });
    const { nextRunAt, state } = await getJob(project, sleeper.id);
    expect([state, isNear(nextRunAt, Date.now() + HOUR)]).toEqual(['delayed', true]);
  });

  it('goes on with a queue of limited rate', async () => {
    const { project, clock, there } = await openMachine();
    await startWorker(there);
    const jobs = await Promise.all([1, 2, 3].map(() => enqueue(project, { type: 'limited' })));
    await expect.poll(() => completedOf(project, 'limited'), { timeout: A_WHILE }).toBe(1);
    clock.set(aheadMs);
    for (const { id } of jobs) await waitForJob(project, id, { timeoutMs: A_WHILE });
  });

  it('is on the list, and what it writes down is from now and goes away in time', async () => {
    const { project, clock, there, done } = await openMachine();
    clock.set(aheadMs);
    await startWorker(there);
    await done({ type: 'note' });
    await expect
      .poll(async () => (await listQueues(project)).find(({ name }) => name === 'default')!.completedPerSecond, {
        timeout: A_WHILE,
      })
      .toBeGreaterThan(0);
    const [worker] = await listWorkers(project);
    expect(worker!.state).toBe('running');
    expect([isNear(worker!.beatAt, Date.now()), isNear(worker!.startedAt, Date.now())]).toEqual([true, true]);
    expect(await timesToLive(project)).toMatchObject({
      stats: '15 minutes',
      day: '2880 minutes',
    });
  });
});

it('a supervisor whose clock is an hour ahead lets a job that held its process be tried again in its time', async () => {
  const { clock, there, done } = await openMachine();
  clock.set(HOUR);
  await startWorker(there);
  const { status, finishedAt } = await done({ type: 'spinning' });
  expect([status, isNear(finishedAt, Date.now())]).toEqual(['completed', true]);
});

it('a worker says when it starts that the clock of its machine is wrong', async () => {
  const { clock, there } = await openMachine();
  clock.set(-HOUR);
  const worker = startJq(['work', '--log-level', 'info'], there);
  const [warning] = await worker.says(/warning: .*/);
  expect(warning).toBe('warning: the clock of this machine is 1h00m behind that of Redis, which jobs go by');
});

describe.each([
  ['ahead', HOUR],
  ['behind', -HOUR],
])('on a machine whose clock is an hour %s', (_word, aheadMs) => {
  it('a job is enqueued for when it is meant, and people see workers and dead letters as they are', async () => {
    const { project, clock, there, done } = await openMachine();
    await startWorker({ ...there, env: { JQ_REDIS_URL: server.url } });
    clock.set(aheadMs);
    const run = async (...words: string[]) => {
      const { stdout, stderr } = await runJq([...words, '--json'], there);
      return JSON.parse(stdout || stderr) as never;
    };
    const soon: Job = await run('enqueue', 'note', '--delay', '300ms', '--wait=20s');
    expect([soon.status, isNear(new Date(soon.createdAt), Date.now())]).toEqual(['completed', true]);
    const at = new Date(Date.now() + 500).toISOString();
    expect(await run('enqueue', 'note', '--at', at, '--wait=20s')).toMatchObject({ status: 'completed' });
    const later: Job = await run('enqueue', 'note', '--delay', '59m');
    expect(isNear((await getJob(project, later.id)).nextRunAt, Date.now() + 59 * 60_000)).toBe(true);

    await expect.poll(() => run('workers', 'list')).toEqual([expect.objectContaining({ state: 'running' })]);
    await done({ type: 'dead' });
    expect(await run('dlq', 'replay', '--all', '--yes')).toMatchObject({ replayed: 1 });
  });
});

async function completedOf({ broker: { redis, keys } }: Project, queue: string): Promise<number> {
  return (await redis.call('ZCARD', keys.queue(queue, 'completed'))) as number;
}

/** How long our keys live that do not stay for good, by their kind, in words: full minutes where hardly any of it is over. */
async function timesToLive({ broker: { redis } }: Project): Promise<Record<string, string>> {
  const names = (await redis.call('KEYS', 'jq:bull:*')) as string[];
  const times = await Promise.all(
    names.map(async (name) => [name.split(':')[2]!, (await redis.call('PTTL', name)) as number] as const),
  );
  const word = (ms: number): string => {
    const minutes = Math.ceil(ms / 60_000);
    return ms > minutes * 60_000 - A_WHILE ? `${minutes} minutes` : `${ms} ms`;
  };
  return Object.fromEntries(times.filter(([, ms]) => ms !== -1).map(([kind, ms]) => [kind, word(ms)]));
}
