import { Queue } from 'bullmq';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { openQuickRedis } from '../../src/broker/quick-redis.ts';
import type { Redis } from '../../src/broker/redis.ts';
import { parseTarget } from '../../src/broker/target.ts';
import { localUser } from '../../src/jobs/caller.ts';
import { duplicateJob } from '../../src/jobs/copy-job.ts';
import { enqueue } from '../../src/jobs/enqueue.ts';
import { getJob, getJobDetail } from '../../src/jobs/find-jobs.ts';
import type { Project } from '../../src/jobs/project.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { openTestProject } from '../helpers/test-project.ts';

let server: TestRedis;
let redis: Redis;
let project: Project;

beforeAll(async () => {
  server = await startRedis();
  redis = await openQuickRedis(parseTarget(server.url, 'test'));
});
beforeEach(async () => {
  project = await openTestProject(server, { handlers: { good: () => 1 } });
});
afterEach(() => redis.call('FLUSHALL'));
afterAll(async () => {
  await redis.close();
  await server.stop();
});

it('adds one like it: type, payload, queue and options are the same, and it is due at once', async () => {
  const { id } = await enqueue(project, {
    type: 'good',
    payload: { to: 'ada' },
    options: {
      priority: 7,
      attempts: 4,
      backoff: { type: 'fixed', delay: '3s', jitter: 0.1 },
      timeout: '9s',
      delay: '1h',
      id: 'only-once',
    },
  });
  const copy = await duplicateJob(project, id);
  expect(copy).not.toBe(id);
  const [first, second] = [await getJobDetail(project, id), await getJobDetail(project, copy)];
  expect(first.state).toBe('delayed');
  expect(second).toMatchObject({ type: 'good', payload: { to: 'ada' }, queue: 'default', priority: 7, maxAttempts: 4 });
  expect(second).toMatchObject({ state: 'prioritized', attempts: 0, addedBy: localUser(), nextRunAt: null });
  expect(second.options).toMatchObject({
    backoff: { type: 'fixed', delay: 3000, jitter: 0.1 },
    jq: { timeoutMs: 9000 },
  });
});

it('copies a job of another program, also a completed one, and numbers as they stand', async () => {
  const queue = new Queue('foreign', { connection: { path: server.socketPath } });
  const { id } = await queue.add('strange', { n: 1 }, { attempts: 2, removeOnComplete: true });
  await redis.call('HSET', `bull:foreign:${id}`, 'data', '{"n":123456789012345678901}');
  await redis.call('LREM', 'bull:foreign:wait', 1, id!);
  await redis.call('ZADD', 'bull:foreign:completed', 7, id!);
  const copy = await duplicateJob(project, id!, 'foreign');
  expect(await getJob(project, copy)).toMatchObject({
    type: 'strange',
    queue: 'foreign',
    state: 'waiting',
    maxAttempts: 2,
  });
  expect(await redis.call('HGET', `bull:foreign:${copy}`, 'data')).toBe('{"n":123456789012345678901}');
  await queue.close();
});

it('says so of a job that is not there', async () => {
  await expect(duplicateJob(project, 'never')).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
});
