import { describe, expect, it } from 'vitest';
import type { Delivery } from '../../src/broker/consumer/consumer.ts';
import type { OnceStep } from '../../src/handlers/define-handler.ts';
import { enqueue } from '../../src/jobs/enqueue.ts';
import { retryJob } from '../../src/jobs/change-jobs.ts';
import { getJobDetail } from '../../src/jobs/find-jobs.ts';
import { waitForJob } from '../../src/jobs/wait-for-job.ts';
import { createOnce } from '../../src/worker/once.ts';
import { Interruptible } from '../../src/lib/interruptible.ts';
import { openTestProject, type TestHandler } from '../helpers/test-project.ts';
import { startTestWorker } from '../helpers/test-worker.ts';
import { useRedis } from '../helpers/use-redis.ts';

const { server, redis } = await useRedis();

const BACKOFF = { type: 'fixed', delay: 1 } as const;

async function run(handler: TestHandler, attempts = 3) {
  const project = await openTestProject(server, { handlers: { subject: handler } });
  const { id } = await enqueue(project, { type: 'subject', options: { attempts, backoff: BACKOFF } });
  await startTestWorker(project);
  await waitForJob(project, id);
  return { project, id, job: await getJobDetail(project, id) };
}

describe('once, in a handler that is tried again', () => {
  it('runs each step one time, and gives every attempt the same results', async () => {
    const runs: string[] = [];
    const seen: unknown[] = [];
    const { job } = await run(async (_payload, { once, job }) => {
      const charge = await once('charge', () => runs.push('charge') && { receipt: 7, at: new Date(0) });
      const mail = await once('mail', async () => void runs.push('mail'));
      seen.push([charge, mail]);
      if (job.attempt < 3) throw new Error('the rest failed');
    });
    expect(job).toMatchObject({ status: 'completed', attempts: 3 });
    expect(runs).toEqual(['charge', 'mail']);
    const result = [{ receipt: 7, at: '1970-01-01T00:00:00.000Z' }, null];
    expect(seen).toEqual([result, result, result]);
  });

  it('runs a step that failed again, which knows that nobody knows', async () => {
    const steps: OnceStep[] = [];
    const { id, job } = await run(async (_payload, { once }) =>
      once('send', (step) => {
        if (steps.push(step) < 3) throw new Error('connection lost');
        return 'sent';
      }),
    );
    expect(job).toMatchObject({ status: 'completed', attempts: 3, result: 'sent' });
    expect(steps.map(({ key }) => key)).toEqual([`${id}:send`, `${id}:send`, `${id}:send`]);
    expect(steps.map(({ uncertain }) => uncertain)).toEqual([false, true, true]);
    expect(steps.map(({ fence }) => fence)).toEqual([1, 2, 3]);
    expect(steps.every(Object.isFrozen)).toBe(true);
  });

  it('lets a handler try a step again itself', async () => {
    const uncertain: boolean[] = [];
    const { job } = await run(async (_payload, { once }) => {
      const send = () =>
        once('send', (step) => {
          if (uncertain.push(step.uncertain) < 3) throw new Error('connection lost');
          return 'sent';
        });
      return send().catch(send).catch(send);
    }, 1);
    expect(job).toMatchObject({ status: 'completed', attempts: 1, result: 'sent' });
    expect(uncertain).toEqual([false, true, true]);
  });

  it('keeps what was recorded over death and replay', async () => {
    let runs = 0;
    let isMended = false;
    const { project, id, job } = await run(async (_payload, { once }) => {
      const result = await once('charge', () => (runs += 1));
      if (!isMended) throw new Error('boom');
      return result;
    }, 2);
    expect(job.status).toBe('failed');
    isMended = true;
    await retryJob(project, id);
    expect(await waitForJob(project, id)).toMatchObject({ status: 'completed', result: 1 });
    expect(runs).toBe(1);
  });

  it('keeps it no longer than the completed job', async () => {
    const { project, id } = await run((_payload, { once }) => once('send', () => 1));
    const hash = project.broker.keys.once('default', id);
    const { keepCompleted } = project.config.values.defaults;
    await expect.poll(() => redis.call('PTTL', hash)).toBeLessThanOrEqual(keepCompleted.age);
    expect(await redis.call('EXISTS', hash)).toBe(1);
  });

  it.each<[string, TestHandler, RegExp]>([
    [
      'two calls of one step at a time',
      (_payload, { once }) =>
        Promise.all([once('a', () => new Promise((resolve) => setImmediate(resolve))), once('a', () => 1)]),
      /^once\("a"\) was called again before it had ended$/,
    ],
    [
      'a step without a name',
      (_payload, { once }) => once('', () => 1),
      /^Expected the step of once\(\) to be .*got ""$/,
    ],
    [
      'a name that is none',
      (_payload, { once }) => once('a b', () => 1),
      /^Expected the step of once\(\) to be .*got "a b"$/,
    ],
    [
      'a name that is no text',
      (_payload, { once }) => once(5 as never, () => 1),
      /^Expected the step of once\(\) to be .*got 5$/,
    ],
    [
      'a result that is too large',
      (_payload, { once }) => once('a', () => 'x'.repeat(65_536)),
      /^Expected the result of once\("a"\) to be JSON of at most 64 KiB$/,
    ],
    [
      'a result that is no JSON',
      (_payload, { once }) => once('a', () => () => 1),
      /^Expected the result of once\("a"\) to be JSON/,
    ],
    ['a result that cannot be JSON', (_payload, { once }) => once('a', () => 5n), /BigInt/],
  ])('refuses %s', async (_name, handler, message) => {
    const { job } = await run(handler, 1);
    expect(job).toMatchObject({ status: 'failed', error: expect.stringMatching(message) as string });
  });

  it('takes a result of exactly 64 KiB', async () => {
    const { job } = await run((_payload, { once }) => once('a', () => 'x'.repeat(65_534)), 1);
    expect(job.status).toBe('completed');
  });
});

describe('a ghost: an attempt that goes on though its job was started again elsewhere', () => {
  it('is fenced off, and what the later start recorded stays', async () => {
    const { broker } = await openTestProject(server);
    const startOf = (fence: number) =>
      createOnce(broker, { queue: 'mail', id: 'j_1', fence, interruption: new Interruptible() } as unknown as Delivery);
    const [ghost, later] = [startOf(1), startOf(2)];
    const gate = Promise.withResolvers<string>();
    const ghostly = ghost('charge', () => gate.promise);
    await expect.poll(() => redis.call('HGET', broker.keys.once('mail', 'j_1'), 'charge')).toBe('R1');

    const uncertain: boolean[] = [];
    expect(await later('charge', (step) => uncertain.push(step.uncertain) && 'the later one')).toBe('the later one');
    expect(uncertain).toEqual([true]);
    gate.resolve('the ghost');
    await expect(ghostly).rejects.toMatchObject({
      code: 'JOB_STATE',
      message: 'Job j_1 was started again elsewhere: step "charge" is not this attempt\'s any more',
    });
    expect(await startOf(3)('charge', () => expect.unreachable())).toBe('the later one');
  });

  it('may not even begin what the later start has begun', async () => {
    const { broker } = await openTestProject(server);
    const startOf = (fence: number) =>
      createOnce(broker, { queue: 'mail', id: 'j_1', fence, interruption: new Interruptible() } as unknown as Delivery);
    const gate = Promise.withResolvers<string>();
    const later = startOf(2)('charge', () => gate.promise);
    await expect.poll(() => redis.call('HGET', broker.keys.once('mail', 'j_1'), 'charge')).toBe('R2');
    await expect(startOf(1)('charge', () => expect.unreachable())).rejects.toMatchObject({ code: 'JOB_STATE' });
    gate.resolve('done');
    expect(await later).toBe('done');
  });
});

it('a start that Redis has forgotten, as after a failover, costs no attempt: the job runs again', async () => {
  const begun = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const project = await openTestProject(server, {
    handlers: {
      charge: (_payload, { once }) =>
        once('charge', async () => {
          begun.resolve();
          await gate.promise;
        }),
    },
  });
  await startTestWorker(project);
  const { id } = await enqueue(project, { type: 'charge' });
  await begun.promise;
  await redis.call('DEL', project.broker.keys.once('default', id));
  gate.resolve();
  expect(await waitForJob(project, id)).toMatchObject({ status: 'completed', attempts: 1 });
  expect((await getJobDetail(project, id)).failures).toEqual([]);
});
