import { afterAll, beforeAll, expect, it } from 'vitest';
import { Snooze } from '../../src/handlers/outcomes.ts';
import { retryJob } from '../../src/jobs/change-jobs.ts';
import { changeMatching } from '../../src/jobs/change-matching.ts';
import { enqueue } from '../../src/jobs/enqueue.ts';
import { parseFilter } from '../../src/jobs/filter/parse.ts';
import { getJobDetail } from '../../src/jobs/find-jobs.ts';
import { localUser } from '../../src/jobs/caller.ts';
import { waitForJob } from '../../src/jobs/wait-for-job.ts';
import { plantJobs } from '../helpers/plant-jobs.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { openTestProject } from '../helpers/test-project.ts';
import { startTestWorker } from '../helpers/test-worker.ts';

let server: TestRedis;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());

it('the life of a job: who added it, when it was due, snoozes, attempts, replays, starts', async () => {
  let runs = 0;
  const moody = (): void => {
    runs += 1;
    if (runs === 1) throw new Snooze('10ms');
    if (runs === 2) throw new Error('not today');
  };
  const project = await openTestProject(server, { handlers: { moody } });
  const worker = await startTestWorker(project);
  const options = { delay: '5ms', attempts: 1 } as const;
  const { id } = await enqueue(project, { type: 'moody', options, by: 'ana@web-1' });
  expect(await waitForJob(project, id)).toMatchObject({ state: 'failed', attempts: 1 });
  const dead = await getJobDetail(project, id);
  expect(dead).toMatchObject({ addedBy: 'ana@web-1', starts: 2, replays: 0, lastReplay: null });
  expect(dead.firstDueAt!.getTime() - dead.createdAt.getTime()).toBe(5);
  expect(dead.logs).toEqual([expect.stringMatching(/^\S+Z info snoozed for 10ms$/)]);

  expect(await changeMatching(project, 'retry', parseFilter('type:moody'), { scanLimit: Infinity })).toBe(1);
  expect(await waitForJob(project, id)).toMatchObject({ state: 'completed' });
  const { lastReplay, starts } = await getJobDetail(project, id);
  expect({ lastReplay, starts }).toEqual({ lastReplay: { at: expect.any(Date) as Date, by: localUser() }, starts: 3 });
  await worker.stop();
});

it('a job of a plain BullMQ program has less to tell', async () => {
  const project = await openTestProject(server);
  await plantJobs(project.broker.redis, [
    { id: 'plain', state: 'failed', fields: { failedReason: 'no', stacktrace: '["Error: no"]' } },
  ]);
  expect(await getJobDetail(project, 'plain')).toMatchObject({
    addedBy: null,
    firstDueAt: null,
    starts: 0,
    lastReplay: null,
  });
  await retryJob(project, 'plain');
  expect((await getJobDetail(project, 'plain')).lastReplay).toMatchObject({ at: expect.any(Date) as Date, by: null });
});
