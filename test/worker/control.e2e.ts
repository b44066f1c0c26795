import { Queue } from 'bullmq';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { readWorkers } from '../../src/broker/worker-records.ts';
import { listAudit } from '../../src/jobs/audit.ts';
import { localUser } from '../../src/jobs/caller.ts';
import { cancelJob } from '../../src/jobs/cancel-job.ts';
import { changeMatching, countMatching } from '../../src/jobs/change-matching.ts';
import { controlWorker } from '../../src/jobs/control-workers.ts';
import { enqueue } from '../../src/jobs/enqueue.ts';
import { parseFilter } from '../../src/jobs/filter/parse.ts';
import { getJob, getJobDetail } from '../../src/jobs/find-jobs.ts';
import type { Project } from '../../src/jobs/project.ts';
import type { JobOptions } from '../../src/index.ts';
import { workerName } from '../../src/worker/heartbeat.ts';
import { plantJobs } from '../helpers/plant-jobs.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { openTestProject } from '../helpers/test-project.ts';
import { startTestWorker } from '../helpers/test-worker.ts';

let server: TestRedis;
let project: Project;
/** What the handlers of the test did. */
let started: string[];
let aborted: string[];

beforeAll(async () => {
  server = await startRedis();
});
beforeEach(async () => {
  [started, aborted] = [[], []];
  project = await openTestProject(server, {
    handlers: {
      quick: () => 'done',
      // Ends a moment after it is told to, and says so.
      long: (_payload, { job, signal }) =>
        new Promise((_resolve, reject) => {
          started.push(job.id);
          signal.addEventListener('abort', () => {
            aborted.push(`${job.id}: ${(signal.reason as Error).message}`);
            reject(new Error('told to end'));
          });
        }),
    },
  });
  onTestFinished(async () => {
    await project.broker.redis.call('FLUSHALL');
  });
});
afterAll(() => server.stop());

async function add(type: string, options: JobOptions = {}): Promise<string> {
  return (await enqueue(project, { type, options })).id;
}

describe('cancelling', () => {
  it('ends a job that runs: its signal aborts, and it is dead with who wanted it', async () => {
    await startTestWorker(project);
    const id = await add('long');
    await expect.poll(() => started).toEqual([id]);
    const job = await cancelJob(project, id);
    expect(aborted).toEqual([`${id}: Cancelled by ${localUser()}`]);
    expect(job).toMatchObject({ state: 'failed', error: `Cancelled by ${localUser()}`, attempts: 1 });
    expect((await getJobDetail(project, id)).failures).toMatchObject([{ attempt: 1, worker: workerName() }]);
  });

  it.each<[string, JobOptions]>([
    ['waiting', {}],
    ['prioritized', { priority: 7 }],
    ['delayed', { delay: '1h' }],
  ])('makes a %s job dead at once, without an attempt', async (state, options) => {
    const id = await add('quick', options);
    expect(await getJob(project, id)).toMatchObject({ state });
    const job = await cancelJob(project, id);
    expect(job).toMatchObject({
      state: 'failed',
      error: `Cancelled by ${localUser()}`,
      attempts: 0,
      finishedAt: expect.any(Date) as Date,
    });
    const { redis } = project.broker;
    expect(await redis.call('EXISTS', `bull:default:${id}:lock`)).toBe(0);
    for (const list of ['wait', 'active']) expect(await redis.call('LLEN', `bull:default:${list}`)).toBe(0);
    for (const set of ['delayed', 'prioritized']) expect(await redis.call('ZCARD', `bull:default:${set}`)).toBe(0);
  });

  it('frees the key of a job that was to be alone', async () => {
    const id = await add('quick', { delay: '1h', dedupe: 'report' });
    await cancelJob(project, id);
    expect(await add('quick', { dedupe: 'report' })).not.toBe(id);
  });

  it('ends all that fit, those that wait first, so that none of them starts', async () => {
    await startTestWorker(project);
    await controlWorker(project, workerName(), { kind: 'set-slots', slots: 2 });
    for (let count = 0; count < 250; count += 1) await add('long', count % 3 === 0 ? { priority: 3 } : {});
    const [stays, later] = [await add('quick', { delay: '1h' }), await add('long', { delay: '1h' })];
    await expect.poll(() => started.length).toBe(2);
    const filter = parseFilter('type:long');
    const options = { scanLimit: Infinity };
    expect(await countMatching(project, 'cancel', filter, options)).toMatchObject({ total: 251 });
    expect(await changeMatching(project, 'cancel', filter, options)).toBe(251);
    expect(started).toHaveLength(2);
    expect(aborted.toSorted()).toEqual(started.map((id) => `${id}: Cancelled by ${localUser()}`).toSorted());
    expect(await getJob(project, later)).toMatchObject({ state: 'failed', attempts: 0 });
    expect(await getJob(project, stays)).toMatchObject({ state: 'delayed' });
    expect(await listAudit(project, 1)).toMatchObject([{ what: 'cancel', count: 251, filter: 'type:long' }]);
  });

  it('says of each that stays why', async () => {
    await startTestWorker(project);
    const ours = await add('long');
    await expect.poll(() => started).toEqual([ours]);
    const { redis } = project.broker;
    const strange = 'taken';
    await plantJobs(redis, [{ id: strange, state: 'active', queue: 'default', type: 'long' }]);
    const refused: unknown[] = [];
    const options = { scanLimit: Infinity, onRefused: (some: readonly unknown[]) => void refused.push(...some) };
    expect(await changeMatching(project, 'cancel', parseFilter('type:long'), options)).toBe(1);
    expect(await getJob(project, ours)).toMatchObject({ state: 'failed' });
    expect(refused).toEqual([{ id: strange, reason: `Job ${strange} runs in a worker that cannot be told` }]);
  });

  it('leaves the next job of a scheduler: else there were none after it', async () => {
    const queue = new Queue('default', { connection: { path: server.socketPath } });
    onTestFinished(() => queue.close());
    const next = await queue.upsertJobScheduler(
      'hourly',
      { every: 3_600_000, startDate: Date.now() + 60_000 },
      { name: 'quick' },
    );
    const id = next!.id!;
    await expect(cancelJob(project, id)).rejects.toMatchObject({
      code: 'JOB_STATE',
      message: `Job ${id} is the next one of a scheduler: without it there would be none after it`,
    });
    const refused: unknown[] = [];
    const options = { scanLimit: Infinity, onRefused: (some: readonly unknown[]) => void refused.push(...some) };
    expect(await changeMatching(project, 'cancel', parseFilter(''), options)).toBe(0);
    expect(refused).toHaveLength(1);
    expect(await getJob(project, id)).toMatchObject({ state: 'delayed' });
  });

  it('refuses what is over, and what a stranger runs', async () => {
    const worker = await startTestWorker(project);
    const id = await add('quick');
    await expect.poll(async () => (await getJob(project, id)).state).toBe('completed');
    await expect(cancelJob(project, id)).rejects.toMatchObject({
      code: 'JOB_STATE',
      message: `Job ${id} is completed: there is nothing to cancel`,
    });
    await worker.stop();
    const strange = await add('quick');
    await project.broker.redis.call('RPOPLPUSH', 'bull:default:wait', 'bull:default:active');
    await expect(cancelJob(project, strange)).rejects.toMatchObject({
      code: 'JOB_STATE',
      message: `Job ${strange} runs in a worker that cannot be told`,
    });
    await expect(cancelJob(project, 'j_none')).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
  });
});

describe('a worker', () => {
  const busy = () => started.length - aborted.length;

  it('takes no more jobs when it is told to be quiet, and says so', async () => {
    await startTestWorker(project);
    const first = await add('long');
    await expect.poll(() => started).toEqual([first]);
    await controlWorker(project, workerName(), { kind: 'quiet' });
    expect(await listAudit(project, 1)).toMatchObject([{ who: localUser(), what: 'quiet', id: workerName() }]);
    const second = await add('quick');
    await expect.poll(async () => (await readWorkers(project.broker))[0]?.state).toBe('quiet');
    expect((await getJob(project, second)).state).toBe('waiting');
    expect(busy()).toBe(1);
  });

  it('changes how many jobs it runs at a time', async () => {
    const worker = await startTestWorker(project);
    await controlWorker(project, workerName(), { kind: 'set-slots', slots: 2 });
    for (let count = 0; count < 9; count += 1) await add('long');
    await expect.poll(() => started.length).toBe(2);
    await controlWorker(project, workerName(), { kind: 'set-slots', slots: 4, queue: 'default' });
    await expect.poll(busy).toBe(4);
    await controlWorker(project, workerName(), { kind: 'set-slots', slots: 1 });
    for (const id of started.slice(0, 3)) await cancelJob(project, id);
    expect(busy()).toBe(1);
    expect(worker.slotsByQueue).toEqual({ default: 1 });
    await expect(
      controlWorker(project, workerName(), { kind: 'set-slots', slots: 1, queue: 'mail' }),
    ).rejects.toMatchObject({
      code: 'FAILED',
      message: `Worker ${workerName()} refused: It does not work on queue mail`,
    });
  });

  it('stops in order when it is told to', async () => {
    const worker = await startTestWorker(project);
    await controlWorker(project, workerName(), { kind: 'stop' });
    expect(await worker.stopped).toEqual({ putBack: 0 });
    expect(await readWorkers(project.broker)).toEqual([]);
    await expect(controlWorker(project, workerName(), { kind: 'stop' })).rejects.toMatchObject({
      code: 'WORKER_NOT_FOUND',
    });
  });
});
