import { Queue } from 'bullmq';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openQuickRedis } from '../../src/broker/quick-redis.ts';
import type { Redis } from '../../src/broker/redis.ts';
import { parseTarget } from '../../src/broker/target.ts';
import { removeJob, retryJob } from '../../src/jobs/change-jobs.ts';
import { getJob } from '../../src/jobs/find-jobs.ts';
import type { Project } from '../../src/jobs/project.ts';
import { readKeyspace } from '../helpers/keyspace.ts';
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
  await queue.add('x', { n: 1 }, { jobId: 'j_1', attempts: 3 });
  project = await openTestProject(server);
});
afterEach(async () => {
  await queue.close();
  await redis.call('FLUSHALL');
});
afterAll(async () => {
  await redis.close();
  await server.stop();
});

async function die(): Promise<void> {
  await redis.call('LREM', 'bull:mail:wait', 1, 'j_1');
  await redis.call('ZADD', 'bull:mail:failed', 7, 'j_1');
  await redis.call(
    'HSET',
    'bull:mail:j_1',
    'finishedOn',
    7,
    'processedOn',
    6,
    'failedReason',
    'boom',
    'atm',
    3,
    'ats',
    3,
  );
}

describe('retryJob', () => {
  it('makes a dead letter wait again, as new', async () => {
    await die();
    expect(await retryJob(project, 'j_1')).toMatchObject({
      id: 'j_1',
      state: 'waiting',
      attempts: 0,
      error: null,
      finishedAt: null,
      startedAt: null,
      payload: { n: 1 },
    });
  });

  it('does so once', async () => {
    await die();
    await retryJob(project, 'j_1', 'mail');
    await expect(retryJob(project, 'j_1')).rejects.toMatchObject({
      code: 'JOB_STATE',
      httpStatus: 409,
      message: 'Job j_1 is not dead but waiting: there is nothing to retry',
    });
  });

  it('says so of a job that is not there', async () => {
    await expect(retryJob(project, 'never')).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
    await expect(retryJob(project, 'j_1', 'other')).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
  });
});

describe('removeJob', () => {
  it.each(['waiting', 'dead'])('deletes a job that is %s', async (state) => {
    if (state === 'dead') await die();
    await removeJob(project, 'j_1');
    await expect(getJob(project, 'j_1')).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
    expect(await redis.call('KEYS', '*j_1*')).toEqual([]);
  });

  it('leaves one that runs', async () => {
    await redis.call('SET', 'bull:mail:j_1:lock', 'token');
    await expect(removeJob(project, 'j_1')).rejects.toMatchObject({
      code: 'JOB_STATE',
      message: 'Job j_1 is running: it can be removed when it has ended',
    });
    expect(await getJob(project, 'j_1')).toMatchObject({ id: 'j_1' });
  });

  it.each(['meta', 'wait', 'events', 'id', 'repeat:nightly', 'never'])(
    'never touches what is no job: %s',
    async (id) => {
      await queue.pause();
      await queue.upsertJobScheduler('nightly', { every: 60_000 }, { name: 'x' });
      const before = await readKeyspace(redis, 'bull:*');
      await expect(removeJob(project, id)).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
      await expect(removeJob(project, id, 'mail')).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
      expect(await readKeyspace(redis, 'bull:*')).toEqual(before);
    },
  );
});
