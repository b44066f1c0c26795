import { Queue } from 'bullmq';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { getJobDetail } from '../../src/jobs/find-jobs.ts';
import { listSchedules } from '../../src/jobs/schedules.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { openTestProject } from '../helpers/test-project.ts';

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
