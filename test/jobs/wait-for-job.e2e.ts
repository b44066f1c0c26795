import { Queue } from 'bullmq';
import { describe, expect, it, onTestFinished } from 'vitest';
import { removeJob } from '../../src/jobs/change-jobs.ts';
import { waitForJob } from '../../src/jobs/wait-for-job.ts';
import { openTestProject } from '../helpers/test-project.ts';
import { useRedis } from '../helpers/use-redis.ts';

const { server, redis } = await useRedis();

async function addJob(): Promise<void> {
  const queue = new Queue('mail', { connection: { path: server.socketPath } });
  onTestFinished(() => queue.close());
  await queue.add('x', {}, { jobId: 'j_1' });
}

/** Ends the job as a worker does: all in one. */
async function end(set: 'completed' | 'failed', ...fields: string[]): Promise<void> {
  await redis.pipeline([
    ['MULTI'],
    ['LREM', 'bull:mail:wait', 1, 'j_1'],
    ['ZADD', `bull:mail:${set}`, 7, 'j_1'],
    ['HSET', 'bull:mail:j_1', 'finishedOn', 7, ...fields],
    ['EXEC'],
  ]);
}

describe('waitForJob', () => {
  it.each([
    ['completed', ['returnvalue', '{"ok":true}'], { status: 'completed', result: { ok: true }, error: null }],
    ['failed', ['failedReason', 'boom'], { status: 'failed', result: null, error: 'boom' }],
  ] as const)('gives a job that is %s, before or meanwhile', async (set, fields, expected) => {
    const project = await openTestProject(server);
    await addJob();
    const waiting = waitForJob(project, 'j_1');
    await end(set, ...fields);
    expect(await waiting).toMatchObject(expected);
    expect(await waitForJob(project, 'j_1', { queue: 'mail', timeoutMs: 0 })).toMatchObject(expected);
  });

  it('is not deceived by the time of an end that was taken back', async () => {
    const project = await openTestProject(server);
    await addJob();
    await redis.call('HSET', 'bull:mail:j_1', 'finishedOn', '7');
    await expect(waitForJob(project, 'j_1', { timeoutMs: 30 })).rejects.toMatchObject({
      code: 'TIMED_OUT',
      exitCode: 124,
      message: 'Job j_1 is still pending after 30ms',
      hint: 'It goes on: jq jobs show j_1',
    });
  });

  it('ends when nobody wants to wait any more', async () => {
    const project = await openTestProject(server);
    await addJob();
    const controller = new AbortController();
    const waiting = waitForJob(project, 'j_1', { signal: controller.signal });
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'TIMED_OUT', message: 'Job j_1 is still pending' });
  });

  it('says so of a job that is not there, or not any more', async () => {
    const project = await openTestProject(server);
    await addJob();
    await expect(waitForJob(project, 'never')).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
    const waiting = waitForJob(project, 'j_1');
    await removeJob(project, 'j_1');
    await expect(waiting).rejects.toMatchObject({
      code: 'JOB_NOT_FOUND',
      message: 'Job j_1 was removed while it was waited for',
    });
  });
});
