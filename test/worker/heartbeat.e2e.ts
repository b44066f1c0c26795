import { hostname } from 'node:os';
import { Queue, QueueEvents, Worker } from 'bullmq';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createFigureWindow } from '../../src/broker/figure-window.ts';
import { watchConnections } from '../../src/jobs/connections.ts';
import { addUp } from '../../src/jobs/queue-rates.ts';
import { bucketOf } from '../../src/broker/figures.ts';
import { readWorkers, writeBeat } from '../../src/broker/worker-records.ts';
import { Discard, Snooze } from '../../src/handlers/outcomes.ts';
import { enqueue, enqueueMany } from '../../src/jobs/enqueue.ts';
import { watchHour } from '../../src/jobs/hour-of-types.ts';
import { listQueues, listWorkers, takeSnapshot } from '../../src/jobs/snapshot.ts';
import { waitForJob } from '../../src/jobs/wait-for-job.ts';
import { workerName } from '../../src/worker/heartbeat.ts';
import { openTestProject } from '../helpers/test-project.ts';
import { startTestWorker } from '../helpers/test-worker.ts';
import { useRedis } from '../helpers/use-redis.ts';

const { server, redis } = await useRedis();

describe('a worker', () => {
  it('is on the list from its start to its end, with what it does', async () => {
    const gate = Promise.withResolvers<void>();
    const project = await openTestProject(server, {
      config: { queues: { mail: { concurrency: 2 } }, work: { concurrency: 3 } },
      handlers: { subject: () => gate.promise },
    });
    const worker = await startTestWorker(project);
    expect(worker.slotsByQueue).toEqual({ default: 3, mail: 2 });
    expect(worker.types).toEqual(['subject']);
    const { id } = await enqueue(project, { type: 'subject' });
    await expect
      .poll(() => listWorkers(project))
      .toEqual([
        expect.objectContaining({
          id: workerName(),
          host: hostname(),
          pid: process.pid,
          queues: ['default', 'mail'],
          slots: 5,
          busy: 1,
          state: 'running',
          startedAt: expect.any(Date) as Date,
          rssBytes: expect.any(Number) as number,
          loopDelayMs: expect.any(Number) as number,
          completed: 0,
          failed: 0,
          completedPerSecond: 0,
          failedPerSecond: 0,
        }),
      ]);
    gate.resolve();
    await waitForJob(project, id);
    // Each beat says how many attempts ended, and how fast.
    await expect.poll(async () => (await listWorkers(project))[0]).toMatchObject({ completed: 1, failed: 0 });
    const [{ completedPerSecond } = { completedPerSecond: 0 }] = await listWorkers(project);
    expect(completedPerSecond).toBeGreaterThan(0);
    await worker.stop();
    expect(await listWorkers(project)).toEqual([]);
    expect(await redis.call('EXISTS', project.broker.keys.beats)).toBe(0);
  });

  it('is lost when it was not heard of for a while, and forgotten when for long', async () => {
    const project = await openTestProject(server, { handlers: { subject: () => 1 } });
    const worker = await startTestWorker(project);
    const silence = async (ms: number) => {
      const beatAt = Date.now() - ms;
      const [record] = await readWorkers(project.broker);
      const [command, ...words] = writeBeat(project.broker, { ...record!, id: 'gone/7', beatAt });
      await redis.call(command!, ...words);
      return (await listWorkers(project)).map(({ id, state }) => [id, state]);
    };
    expect(await silence(5000)).toContainEqual(['gone/7', 'running']);
    expect(await silence(15_000)).toContainEqual(['gone/7', 'lost']);
    expect((await listWorkers(project)).find(({ id }) => id === 'gone/7')).toMatchObject({
      completed: 0,
      completedPerSecond: null,
      failedPerSecond: null,
    });
    expect(await silence(120_000)).toEqual([[workerName(), 'running']]);
    await worker.stop();
    expect(await redis.call('HKEYS', project.broker.keys.beats)).toEqual(['gone/7']);
    const another = await startTestWorker(project);
    expect(await redis.call('HKEYS', project.broker.keys.beats)).toEqual([workerName()]);
    await another.stop();
  });
});

describe('figures', () => {
  it('are what ended, by queue, with how long it ran and how long its first start took', async () => {
    const tries: Record<string, number> = {};
    const project = await openTestProject(server, {
      config: { defaults: { backoff: { type: 'fixed', delay: 1 } }, queues: { other: {} } },
      handlers: {
        good: () => 1,
        bad: () => Promise.reject(new Discard('never')),
        late: (_payload, { job }) => {
          tries[job.id] = (tries[job.id] ?? 0) + 1;
          if (tries[job.id] === 1) throw new Snooze(1);
          if (tries[job.id] === 2) throw new Error('again');
        },
      },
    });
    const jobs = await enqueueMany(project, [
      { type: 'good' },
      { type: 'good' },
      { type: 'good', options: { queue: 'other' } },
      { type: 'bad' },
      { type: 'late' },
    ]);
    const began = bucketOf(Date.now());
    const worker = await startTestWorker(project);
    for (const { id } of jobs) await waitForJob(project, id);
    await worker.stop();

    const queues = ['default', 'other', 'never'];
    const { commands, take } = createFigureWindow(project.broker, 3).plan(queues, Date.now());
    const figures = take(await project.broker.redis.pipeline(commands));
    const sumOf = (queue: string) => addUp(figures.get(queue)!.byType.values());
    const sum = (queue: string, pick: 'ok' | 'failed' | 'dead') => sumOf(queue)[pick];
    const counted = (queue: string, pick: 'run' | 'wait') =>
      [...sumOf(queue)[pick].values()].reduce((a, b) => a + b, 0);
    // A snooze is no end; the late one failed once and was done at its third start.
    expect([sum('default', 'ok'), sum('default', 'failed'), sum('default', 'dead')]).toEqual([3, 2, 1]);
    expect([counted('default', 'run'), counted('default', 'wait')]).toEqual([5, 3]);
    expect([sum('other', 'ok'), sum('never', 'ok')]).toEqual([1, 0]);
    const ttl = (await redis.call('TTL', project.broker.keys.bucket('default', began))) as number;
    expect(ttl === -2 || ttl > 600).toBe(true);

    // The same in the hour, by type, and in the totals of the queues.
    const { types } = await watchHour(project)();
    const hour = types.map(({ queue, type, ok, failed, dead }) => [queue, type, ok, failed, dead].join(' '));
    expect(hour.toSorted()).toEqual([
      'default bad 0 1 1',
      'default good 2 0 0',
      'default late 1 1 0',
      'other good 1 0 0',
    ]);
    expect((await takeSnapshot(project)).totals.ever).toEqual({ completed: 4, failed: 2, dead: 1 });
  });
});

describe('a snapshot', () => {
  it('shows queues, workers, the newest dead and the sums', async () => {
    const project = await openTestProject(server, {
      config: { queues: { reports: {} } },
      handlers: { good: () => 1, bad: () => Promise.reject(new Discard('never')) },
    });
    const jobs = await enqueueMany(project, [{ type: 'good' }, { type: 'bad' }]);
    const worker = await startTestWorker(project);
    for (const { id } of jobs) await waitForJob(project, id);
    await expect.poll(async () => (await takeSnapshot(project)).totals.completedPerSecond).toBeGreaterThan(0);
    await enqueue(project, { type: 'good', options: { delay: '1h', queue: 'reports' } });

    const snapshot = await takeSnapshot(project);
    expect(snapshot.redis).toMatchObject({
      label: project.broker.target.label,
      version: expect.stringMatching(/^\d/) as string,
    });
    expect(snapshot.workers).toHaveLength(1);
    expect(snapshot.totals).toMatchObject({ waiting: 0, active: 0, delayed: 1, completed: 1, failed: 1 });
    expect(snapshot.deadLetters).toEqual([
      { id: jobs[1]!.id, type: 'bad', queue: 'default', attempts: 1, diedAt: expect.any(Date) as Date, error: 'never' },
    ]);
    const [first, reports] = snapshot.queues;
    expect(first).toMatchObject({
      name: 'default',
      completed: 1,
      failed: 1,
      workers: 1,
      slots: 5,
      errorRate: 0.5,
      paused: false,
    });
    expect(first!.history).toHaveLength(30);
    expect(first!.history.reduce((a, b) => a + b, 0)).toBe(1);
    expect(first!.p50Ms).toBeGreaterThan(0);
    expect(reports).toMatchObject({ name: 'reports', delayed: 1, workers: 1, errorRate: null, p50Ms: null });
    await worker.stop();
  });

  it('counts the workers of other programs, beside ours', async () => {
    const project = await openTestProject(server, { config: { queues: { mail: {} } }, handlers: { good: () => 1 } });
    const ours = await startTestWorker(project);
    const connection = { path: server.socketPath };
    const idle = () => Promise.resolve();
    const foreign = [
      new Worker('mail', idle, { connection }),
      new Worker('mail', idle, { connection, name: 'theirs' }),
      new Worker('elsewhere', idle, { connection }),
    ];
    onTestFinished(async () => void (await Promise.all(foreign.map((each) => each.close()))));
    await (await new Queue('elsewhere', { connection })).close();
    const events = new QueueEvents('mail', { connection });
    onTestFinished(() => events.close());
    await events.waitUntilReady();
    const listed = async () =>
      (await watchConnections(project)()).connections
        .filter(({ queue, command }) => queue !== 'default' && /bzpopmin|xread/.test(command))
        .map(({ queue, worker, waitsFor, command }) => `${queue} ${worker} ${waitsFor} ${command}`)
        .toSorted();
    await expect.poll(listed).toEqual([
      'elsewhere null jobs bzpopmin',
      'mail null events xread',
      // One of these is ours.
      'mail null jobs bzpopmin',
      'mail null jobs bzpopmin',
      'mail theirs jobs bzpopmin',
    ]);
    await project.broker.redis.call('ACL', 'SETUSER', 'default', '-client|list');
    await expect(watchConnections(project)()).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await project.broker.redis.call('ACL', 'SETUSER', 'default', '+client|list');
    const seen = async () =>
      Object.fromEntries((await takeSnapshot(project)).queues.map((queue) => [queue.name, queue.foreignWorkers]));
    await expect.poll(seen).toMatchObject({ default: 0, mail: 2 });
    await ours.stop();
    await expect.poll(seen).toMatchObject({ default: 0, mail: 2 });
  });

  it('knows no rates of queues that only others work on', async () => {
    const project = await openTestProject(server);
    const queue = new Queue('foreign', { connection: { path: server.socketPath } });
    onTestFinished(() => queue.close());
    await queue.add('x', {}, { timestamp: Date.now() - 60_000 });
    await queue.pause();
    expect(await listQueues(project)).toEqual([
      expect.objectContaining({
        name: 'foreign',
        waiting: 1,
        paused: true,
        workers: 0,
        slots: 0,
        completedPerSecond: null,
        failedPerSecond: null,
        oldestWaitingMs: expect.any(Number) as number,
      }),
    ]);
    const { totals } = await takeSnapshot(project);
    expect(totals.completedPerSecond).toBeNull();
    expect((await listQueues(project))[0]!.oldestWaitingMs).toBeGreaterThanOrEqual(60_000);
  });
});
