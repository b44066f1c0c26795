import { Queue, Worker } from 'bullmq';
import { expect, it, onTestFinished } from 'vitest';
import { enqueue, enqueueMany } from '../../src/jobs/enqueue.ts';
import { getJob } from '../../src/jobs/find-jobs.ts';
import { waitForJob } from '../../src/jobs/wait-for-job.ts';
import { openTestProject } from '../helpers/test-project.ts';
import { startTestWorker } from '../helpers/test-worker.ts';
import { useRedis } from '../helpers/use-redis.ts';

const { server } = await useRedis();

const connection = () => ({ path: server.socketPath });

it("a plain BullMQ 6 producer's job is run by jq work", async () => {
  const project = await openTestProject(server, {
    config: { queues: { mail: {} } },
    handlers: { 'send-email': (payload: { to: string }, { job }) => ({ sentTo: payload.to, attempt: job.attempt }) },
  });
  await startTestWorker(project);
  const queue = new Queue('mail', { connection: connection() });
  onTestFinished(() => queue.close());

  const numbered = await queue.add('send-email', { to: 'ada' });
  const urgent = await queue.add('send-email', { to: 'bo' }, { priority: 1, jobId: 'order-7' });
  const later = await queue.add('send-email', { to: 'cy' }, { delay: 30, attempts: 3 });
  for (const [{ id }, to] of [
    [numbered, 'ada'],
    [urgent, 'bo'],
    [later, 'cy'],
  ] as const) {
    expect(await waitForJob(project, id!)).toMatchObject({ status: 'completed', result: { sentTo: to, attempt: 1 } });
    expect((await queue.getJob(id!))!.returnvalue).toEqual({ sentTo: to, attempt: 1 });
  }
});

it('a job from jq enqueue is run by a plain BullMQ 6 worker', async () => {
  const project = await openTestProject(server, {
    handlers: { 'send-email': () => expect.unreachable() },
    config: { queues: { mail: {} }, defaults: { attempts: 2, backoff: { type: 'fixed', delay: 10 } } },
  });
  const stored = await enqueueMany(project, [
    { type: 'send-email', payload: { to: 'ada' }, options: { queue: 'mail' } },
    { type: 'send-email', payload: { to: 'bo' }, options: { queue: 'mail', priority: 3 } },
    { type: 'send-email', payload: { to: 'cy' }, options: { queue: 'mail', delay: 30 } },
    { type: 'send-email', payload: { to: 'di' }, options: { queue: 'mail', id: 'order 7' } },
  ]);
  const dead = await enqueue(project, { type: 'send-email', payload: null, options: { queue: 'mail' } });

  const worker = new Worker<{ to: string } | null>(
    'mail',
    async ({ name, data }) => {
      if (data === null) throw new Error('nobody to send to');
      return `${name} to ${data.to}`;
    },
    { connection: connection(), concurrency: 5 },
  );
  onTestFinished(() => worker.close());

  const ended = await Promise.all(stored.map(({ id }) => waitForJob(project, id)));
  expect(ended.map(({ status, result }) => [status, result])).toEqual(
    ['ada', 'bo', 'cy', 'di'].map((to) => ['completed', `send-email to ${to}`]),
  );
  expect(await waitForJob(project, dead.id)).toMatchObject({
    status: 'failed',
    attempts: 2,
    error: 'nobody to send to',
  });
  expect(await getJob(project, dead.id)).toMatchObject({ state: 'failed' });
});
