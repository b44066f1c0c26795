import { Queue } from 'bullmq';
import { Queue as Queue5 } from 'bullmq5';
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listAudit } from '../../src/jobs/audit.ts';
import { removeSchedule, runSchedule } from '../../src/jobs/change-schedules.ts';
import { getJobDetail } from '../../src/jobs/find-jobs.ts';
import { listSchedules } from '../../src/jobs/schedules.ts';
import { startPlainWorker } from '../helpers/plain-worker.ts';
import { plantJobs } from '../helpers/plant-jobs.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { openTestProject } from '../helpers/test-project.ts';
import type { Project } from '../../src/jobs/project.ts';

let redis: TestRedis;
const queues: Queue[] = [];

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(async () => {
  await Promise.all(queues.map((queue) => queue.close()));
  await redis.stop();
});

function openQueue(name: string): Queue {
  const queue = new Queue(name, { connection: { path: redis.socketPath } });
  queues.push(queue);
  return queue;
}

it('lists what BullMQ has scheduled, of all queues, with the job that is next', async () => {
  const [mail, reports] = [openQueue('mail'), openQueue('reports')];
  await reports.upsertJobScheduler('nightly', { pattern: '0 0 3 1 1 *', tz: 'Europe/Berlin' }, { name: 'report' });
  await mail.upsertJobScheduler(
    'tick',
    { every: 3_600_000, limit: 9, startDate: Date.now() + 60_000 },
    { name: 'ping' },
  );
  await mail.add('other', {});

  const project = await openTestProject(redis);
  const { schedules, total } = await listSchedules(project);
  expect(total).toBe(2);
  expect(schedules).toMatchObject([
    { queue: 'mail', id: 'tick', type: 'ping', pattern: null, everyMs: 3_600_000, timezone: null, limit: 9 },
    {
      queue: 'reports',
      id: 'nightly',
      type: 'report',
      pattern: '0 0 3 1 1 *',
      everyMs: null,
      timezone: 'Europe/Berlin',
    },
  ]);
  const { queue, id, nextAt } = schedules[0]!;
  expect(await getJobDetail(project, `repeat:${id}:${nextAt}`, queue)).toMatchObject({
    state: 'delayed',
    type: 'ping',
  });
});

it('tells of one in a shape that it does not know no more than when it is due', async () => {
  const project = await openTestProject(redis);
  const at = Date.now() + 1000;
  await project.broker.redis.call('ZADD', project.broker.keys.queue('mail', 'repeat'), at, 'old:::0 3 * * *');
  const { schedules } = await listSchedules(project);
  expect(schedules[0]).toEqual({
    queue: 'mail',
    id: 'old:::0 3 * * *',
    type: null,
    pattern: null,
    everyMs: null,
    timezone: null,
    nextAt: at,
    endsAt: null,
    runs: 0,
    limit: null,
  });
});

const HOUR = 3_600_000;
const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

describe('a schedule', () => {
  /** Queues that came a moment ago are found, too. */
  const openProject = async (): Promise<Project> => {
    const project = await openTestProject(redis);
    await project.broker.redis.call('DEL', project.broker.keys.queuesSearched);
    return project;
  };
  const delayed = async ({ broker }: Project, queue: string) =>
    (await broker.redis.call('ZRANGE', broker.keys.queue(queue, 'delayed'), 0, -1)) as string[];
  const only = async (project: Project, queue: string) =>
    (await listSchedules(project)).schedules.find((each) => each.queue === queue);

  it.each([
    ['every hour', { every: HOUR, startDate: Date.now() + HOUR }],
    ['by a pattern of cron', { pattern: '0 0 3 1 1 *' }],
  ])('is run now, %s: its next job waits at once, and the one after it comes in its time', async (how, repeat) => {
    const queue = `run-${how.length}`;
    await openQueue(queue).upsertJobScheduler('s', repeat, { name: 'ping' });
    const project = await openProject();
    const { nextAt } = (await only(project, queue))!;
    const id = await runSchedule(project, queue, 's');
    expect(id).toBe(`repeat:s:${nextAt}`);
    expect(await getJobDetail(project, id, queue)).toMatchObject({ state: 'waiting', attempts: 0 });
    expect(await listAudit(project, 1)).toMatchObject([{ what: 'run-schedule', id: 's', queue, count: 1 }]);
    // There is nothing to bring forward until it has run.
    await expect(runSchedule(project, queue, 's')).rejects.toMatchObject({
      code: 'JOB_STATE',
      message: 'The next job of schedule s is waiting, not delayed: there is nothing to bring forward',
    });
    const worker = startPlainWorker(redis, queue);
    worker.release();
    await expect.poll(async () => (await getJobDetail(project, id, queue)).state).toBe('completed');
    await worker.stop();
    const after = (await only(project, queue))!;
    expect(after.nextAt).toBeGreaterThan(nextAt);
    expect(await delayed(project, queue)).toEqual([`repeat:s:${after.nextAt}`]);
  });

  it('is removed, and its next job with it; what waits already goes on', async () => {
    const queue = 'removed';
    await openQueue(queue).upsertJobScheduler('a', { every: HOUR, startDate: Date.now() + HOUR }, { name: 'ping' });
    await openQueue(queue).upsertJobScheduler('b', { pattern: '0 0 3 1 1 *' }, { name: 'pong' });
    const project = await openProject();
    const begun = await runSchedule(project, queue, 'b');
    for (const id of ['a', 'b']) await removeSchedule(project, queue, id);
    expect(await only(project, queue)).toBeUndefined();
    expect(await delayed(project, queue)).toEqual([]);
    expect(await getJobDetail(project, begun, queue)).toMatchObject({ state: 'waiting' });
    expect(await listAudit(project, 2)).toMatchObject([{ what: 'remove-schedule', id: 'b', queue }, { id: 'a' }]);
    const worker = startPlainWorker(redis, queue);
    worker.release();
    await expect.poll(async () => (await getJobDetail(project, begun, queue)).state).toBe('completed');
    await worker.stop();
    expect(await delayed(project, queue)).toEqual([]);
  });

  it('that BullMQ 5 keeps as a repeatable job is run now and removed like others', async () => {
    const old = new Queue5('five', { connection: { path: redis.socketPath } });
    await old.add('ping', {}, { repeat: { pattern: '0 0 3 1 1 *' } });
    await old.close();
    const project = await openProject();
    const { id, nextAt, type } = (await only(project, 'five'))!;
    expect(type).toBe('ping');
    expect(await runSchedule(project, 'five', id)).toBe(`repeat:${id}:${nextAt}`);
    await removeSchedule(project, 'five', id);
    expect(await only(project, 'five')).toBeUndefined();
  });

  it('in the shape before that has its next job under another name', async () => {
    const project = await openProject();
    const { redis: connection, keys } = project.broker;
    for (const task of [runSchedule, removeSchedule]) {
      const id = 'ping:::Europe/Berlin:0 3 * * *';
      const at = Date.now() + HOUR;
      const job = `repeat:${md5(`ping${md5(id)}`)}:${at}`;
      await connection.call('ZADD', keys.queue('four', 'repeat'), at, id);
      await plantJobs(connection, [{ id: job, state: 'delayed', queue: 'four', score: at, fields: { rjk: id } }]);
      await task(project, 'four', id);
      expect(await delayed(project, 'four')).toEqual([]);
      const waiting = await connection.call('LRANGE', keys.queue('four', 'wait'), 0, -1);
      expect(waiting).toEqual(task === runSchedule ? [job] : []);
      expect((await only(project, 'four'))?.id).toBe(task === runSchedule ? id : undefined);
      const why = task === runSchedule ? 'is waiting, not delayed' : 'There is no schedule';
      await expect(runSchedule(project, 'four', id)).rejects.toThrow(why);
      await connection.call('DEL', keys.queue('four', 'wait'));
    }
  });

  it('that is gone, or has no next job, is an error that says so', async () => {
    const project = await openProject();
    const { redis: connection, keys } = project.broker;
    for (const task of [runSchedule, removeSchedule]) {
      await expect(task(project, 'mail', 'nope')).rejects.toMatchObject({
        code: 'SCHEDULE_NOT_FOUND',
        message: 'There is no schedule "nope" in queue mail',
      });
    }
    await connection.call('ZADD', keys.queue('mail', 'repeat'), Date.now() + HOUR, 'lonely');
    await expect(runSchedule(project, 'mail', 'lonely')).rejects.toMatchObject({ code: 'JOB_STATE' });
    await removeSchedule(project, 'mail', 'lonely');
  });
});
