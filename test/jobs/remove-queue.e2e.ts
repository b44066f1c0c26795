import { Queue } from 'bullmq';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { openQuickRedis } from '../../src/broker/quick-redis.ts';
import type { Redis } from '../../src/broker/redis.ts';
import { parseTarget } from '../../src/broker/target.ts';
import { listAudit } from '../../src/jobs/audit.ts';
import { limitQueue } from '../../src/jobs/limit-queue.ts';
import type { Project } from '../../src/jobs/project.ts';
import { removeQueue } from '../../src/jobs/remove-queue.ts';
import { plantJobs } from '../helpers/plant-jobs.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { openTestProject } from '../helpers/test-project.ts';

let server: TestRedis;
let redis: Redis;
let queue: Queue;
let project: Project;

beforeAll(async () => {
  server = await startRedis();
  redis = await openQuickRedis(parseTarget(server.url, 'test'));
});
beforeEach(async () => {
  queue = new Queue('mail', { connection: { path: server.socketPath } });
  project = await openTestProject(server);
  await plantJobs(
    redis,
    (['waiting', 'prioritized', 'delayed', 'waiting-children', 'completed', 'failed'] as const).flatMap((state) =>
      Array.from({ length: 250 }, (_, index) => ({ id: `${state}-${index}`, state })),
    ),
  );
});
afterEach(async () => {
  await queue.close();
  await redis.call('FLUSHALL');
});
afterAll(async () => {
  await redis.close();
  await server.stop();
});

const keysOf = async (pattern: string) => ((await redis.call('KEYS', pattern)) as string[]).toSorted();

it('takes away jobs of every state, schedulers, limits, and every trace', async () => {
  await queue.upsertJobScheduler('hourly', { every: 3_600_000 }, { name: 'x' });
  await limitQueue(project, 'mail', { concurrency: 3 });
  await plantJobs(redis, [{ id: 'stays', state: 'waiting', queue: 'mailbox' }]);
  const progress: number[] = [];
  const { removed, isGone } = await removeQueue(project, 'mail', {
    onProgress: (amount) => void progress.push(amount),
  });
  expect({ removed, isGone }).toEqual({ removed: 6 * 250 + 1, isGone: true });
  expect(progress.length).toBeGreaterThan(6);
  expect(await keysOf('bull:mail:*')).toEqual([]);
  expect(await keysOf('bull:mailbox:*')).toHaveLength(3);
  expect(await redis.call('SMEMBERS', 'jq:bull:queues')).toEqual(['mailbox']);
  expect(await redis.call('EXISTS', 'jq:bull:pauses')).toBe(0);
  expect(await listAudit(project, 2)).toMatchObject([
    { what: 'remove-queue', id: 'mail' },
    { what: 'remove', count: removed },
  ]);
  await expect(removeQueue(project, 'mail')).rejects.toMatchObject({ code: 'UNKNOWN_QUEUE' });
});

it('leaves one whose jobs run as it was', async () => {
  await plantJobs(redis, [{ id: 'runs', state: 'active' }]);
  await expect(removeQueue(project, 'mail')).rejects.toMatchObject({
    code: 'JOB_STATE',
    message: 'Queue mail cannot be removed: 1 job of it runs',
  });
  expect(await queue.isPaused()).toBe(false);
  expect(await queue.getJobCountByTypes('waiting', 'failed')).toBe(500);
});

it('loses no job that comes meanwhile', async () => {
  let added = false;
  const removing = removeQueue(project, 'mail', {
    onProgress() {
      if (added) return;
      added = true;
      void redis.pipeline([
        ['HSET', 'bull:mail:late', 'name', 'x', 'data', '{}', 'timestamp', Date.now() + 60_000, 'opts', '{}'],
        ['LPUSH', 'bull:mail:wait', 'late'],
      ]);
    },
  });
  await expect(removing).rejects.toMatchObject({
    message: 'Queue mail got new jobs meanwhile: it is paused, and they are kept',
  });
  expect(await queue.isPaused()).toBe(true);
  expect(await redis.call('LRANGE', 'bull:mail:wait', 0, -1)).toEqual(['late']);
});

it('goes on where it was stopped', async () => {
  const stop = new AbortController();
  const first = await removeQueue(project, 'mail', { signal: stop.signal, onProgress: () => stop.abort() });
  expect(first).toEqual({ removed: 200, isGone: false });
  expect(await queue.isPaused()).toBe(true);
  expect(await removeQueue(project, 'mail')).toEqual({ removed: 1300, isGone: true });
});
