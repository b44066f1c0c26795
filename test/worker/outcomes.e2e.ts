import { Queue } from 'bullmq';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { Discard, Snooze } from '../../src/handlers/outcomes.ts';
import { enqueue, type EnqueueRequest } from '../../src/jobs/enqueue.ts';
import { getJob, getJobDetail } from '../../src/jobs/find-jobs.ts';
import type { JobDetail } from '../../src/jobs/job.ts';
import { waitForJob } from '../../src/jobs/wait-for-job.ts';
import { workerName } from '../../src/worker/heartbeat.ts';
import { openTestProject, type TestHandler } from '../helpers/test-project.ts';
import { type LogLine, startTestWorker } from '../helpers/test-worker.ts';
import { useRedis } from '../helpers/use-redis.ts';

const { server, redis } = await useRedis();

const QUICK = { type: 'fixed', delay: 1 } as const;

/** One job of the handler, from beginning to end. */
async function run(handler: TestHandler, request: Partial<EnqueueRequest> = {}) {
  const project = await openTestProject(server, {
    handlers: { subject: handler },
    config: { defaults: { backoff: QUICK } },
  });
  const { id } = await enqueue(project, { type: 'subject', ...request });
  const { lines } = await startTestWorker(project);
  await waitForJob(project, id);
  return { job: await getJobDetail(project, id), lines, project };
}

const messages = (lines: readonly LogLine[]): string[] => lines.map(({ msg }) => msg);

describe('a handler that returns', () => {
  it.each([
    ['an object', { ok: [1, null] }, { ok: [1, null] }],
    ['nothing', undefined, null],
    ['null', null, null],
    ['zero', 0, 0],
    ['an empty text', '', ''],
    ['a Date', new Date(0), '1970-01-01T00:00:00.000Z'],
  ])('%s completes its job', async (_name, result, stored) => {
    const { job } = await run(() => result);
    expect(job).toMatchObject({ status: 'completed', result: stored, attempts: 1, error: null, failures: [] });
    expect(job.finishedAt!.getTime()).toBeGreaterThanOrEqual(job.startedAt!.getTime());
  });

  it.each<[string, () => unknown]>([
    ['a bigint', () => 5n],
    [
      'a circle',
      () => {
        const circle: { self?: unknown } = {};
        circle.self = circle;
        return circle;
      },
    ],
  ])('%s, which is no JSON, has failed', async (_name, make) => {
    const { job } = await run(make as TestHandler, { options: { attempts: 1 } });
    expect(job).toMatchObject({
      status: 'failed',
      error: expect.stringMatching(/^Expected the result to be JSON/) as string,
    });
    expect(job.failures).toMatchObject([{ attempt: 1, worker: workerName() }]);
  });

  it('gets what the schema makes of the payload, and knows its job', async () => {
    let seen: unknown;
    const { job } = await run(
      {
        input: z.object({ name: z.string(), polite: z.boolean().default(true) }),
        run: (payload: unknown, context) => {
          seen = { payload, job: context.job, frozen: Object.isFrozen(context) && Object.isFrozen(context.job) };
        },
      },
      { payload: { name: 'Ada' }, options: { attempts: 4 } },
    );
    expect(seen).toEqual({
      payload: { name: 'Ada', polite: true },
      job: {
        id: job.id,
        type: 'subject',
        queue: 'default',
        attempt: 1,
        maxAttempts: 4,
        fence: 1,
        createdAt: job.createdAt,
      },
      frozen: true,
    });
  });
});

describe('a handler that throws', () => {
  it('is tried again until its attempts are used up, and leaves a line of history for each', async () => {
    const { job } = await run(
      (_payload, { job }) => {
        throw new TypeError(`boom ${job.attempt} of ${job.maxAttempts}`, { cause: new Error('no route') });
      },
      { options: { attempts: 3 } },
    );
    expect(job).toMatchObject({ status: 'failed', attempts: 3, error: 'boom 3 of 3: no route', result: null });
    expect(job.failures).toEqual(
      [1, 2, 3].map((attempt) => ({
        attempt,
        at: expect.any(Date) as Date,
        worker: workerName(),
        durationMs: expect.any(Number) as number,
        error: `TypeError: boom ${attempt} of 3`,
        stack: expect.arrayContaining([expect.stringMatching(/^at .*outcomes\.e2e\.ts/)]) as string[],
      })),
    );
    const times = job.failures.map(({ at }) => at!.getTime());
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  it('may work at last', async () => {
    const { job } = await run((_payload, { job }) => {
      if (job.attempt < 3) throw new Error('not yet');
      return 'at last';
    });
    expect(job).toMatchObject({ status: 'completed', attempts: 3, result: 'at last' });
    expect(job.failures.map(({ error }) => error)).toEqual(['Error: not yet', 'Error: not yet']);
  });

  it.each<[string, unknown, string]>([
    ['a text', 'boom', 'boom'],
    ['an object', { reason: 'boom' }, '{"reason":"boom"}'],
    ['nothing', undefined, 'undefined'],
    ['a bigint', 5n, '5'],
    ['an error without words', new RangeError(''), 'RangeError'],
    [
      'an error that is its own cause',
      (() => {
        const e = new Error('boom');
        e.cause = e;
        return e;
      })(),
      'boom',
    ],
    ['an error without a stack', Object.assign(new Error('boom'), { stack: undefined }), 'boom'],
    ['several lines', new Error('first\nsecond'), 'first\nsecond'],
  ])('may throw %s', async (_name, thrown, error) => {
    const { job } = await run(
      () => {
        throw thrown;
      },
      { options: { attempts: 1 } },
    );
    expect(job).toMatchObject({ status: 'failed', error });
    expect(job.failures).toMatchObject([{ attempt: 1, worker: workerName() }]);
  });

  it('waits between attempts as it was asked to', async () => {
    const project = await openTestProject(server, { handlers: { subject: () => Promise.reject(new Error('boom')) } });
    const backoff = { type: 'exponential', delay: '1h' } as const;
    const { id } = await enqueue(project, { type: 'subject', options: { attempts: 2, backoff } });
    await startTestWorker(project);
    await expect.poll(async () => (await getJob(project, id)).state).toBe('delayed');
    const { nextRunAt, startedAt, attempts } = await getJob(project, id);
    expect(attempts).toBe(1);
    expect(Math.round((nextRunAt!.getTime() - startedAt!.getTime()) / 60_000)).toBe(60);
  });
});

describe('a handler that knows better', () => {
  it('discards: dead at once, whatever attempts are left', async () => {
    const { job } = await run(() => Promise.reject(new Discard('no such mailbox')), { options: { attempts: 9 } });
    expect(job).toMatchObject({ status: 'failed', attempts: 1, maxAttempts: 9, error: 'no such mailbox' });
    expect(job.failures).toHaveLength(1);
  });

  it('snoozes: later again, the attempt not counted, no history', async () => {
    const attempts: number[] = [];
    const { job } = await run(
      (_payload, { job }) => {
        if (attempts.push(job.attempt) < 4) throw new Snooze(1);
      },
      { options: { attempts: 1 } },
    );
    expect(attempts).toEqual([1, 1, 1, 1]);
    expect(job).toMatchObject({ status: 'completed', attempts: 1, failures: [], error: null });
  });

  it('snoozes for as long as it says', async () => {
    const project = await openTestProject(server, { handlers: { subject: () => Promise.reject(new Snooze('2h')) } });
    const { id } = await enqueue(project, { type: 'subject' });
    await startTestWorker(project);
    await expect.poll(async () => (await getJob(project, id)).state).toBe('delayed');
    const { nextRunAt, startedAt, attempts } = await getJob(project, id);
    expect([Math.round((nextRunAt!.getTime() - startedAt!.getTime()) / 60_000), attempts]).toEqual([120, 0]);
  });
});

describe('a job that cannot run', () => {
  it('is dead at once when its payload is refused', async () => {
    const project = await openTestProject(server, {
      handlers: { subject: { input: z.object({ name: z.string() }), run: () => expect.unreachable() } },
    });
    const queue = new Queue('default', { connection: { path: server.socketPath } });
    onTestFinished(() => queue.close());
    await queue.add('subject', { name: 5 }, { jobId: 'j_1', attempts: 5 });
    await startTestWorker(project);
    const job = await waitForJob(project, 'j_1');
    expect(job).toMatchObject({ status: 'failed', attempts: 1 });
    expect(job.error).toMatch(/^The payload of subject was refused: name: /);
  });

  it('is tried again when its schema breaks, which says nothing of the payload', async () => {
    let calls = 0;
    const validate = (value: unknown) => {
      calls += 1;
      // The first call is that of the producer.
      if (calls === 2) throw new Error('the database of postal codes is away');
      return { value };
    };
    const { job } = await run({ input: { '~standard': { version: 1, vendor: 'test', validate } }, run: () => 'done' });
    expect(job).toMatchObject({ status: 'completed', attempts: 2 });
    expect(job.failures[0]).toMatchObject({ error: 'Error: the database of postal codes is away' });
  });

  it.each<[string, Record<string, TestHandler>, RegExp]>([
    [
      'its type is unknown here',
      { other: () => 1 },
      /^No handler has the type "subject".*; the job waits 5s for a worker/,
    ],
    [
      'its handler is broken',
      { other: () => 1, subject: { run: 5 } as never },
      /^Expected `run` in .*; the job waits 5s for a worker/,
    ],
  ])('waits for another worker when %s', async (_name, handlers, message) => {
    const project = await openTestProject(server, { handlers });
    const queue = new Queue('default', { connection: { path: server.socketPath } });
    onTestFinished(() => queue.close());
    await queue.add('subject', {}, { jobId: 'j_1', attempts: 1 });
    const worker = await startTestWorker(project);
    await expect.poll(async () => (await getJob(project, 'j_1')).state).toBe('delayed');
    expect(await getJob(project, 'j_1')).toMatchObject({ attempts: 0, error: null });
    expect(messages(worker.lines)).toContainEqual(expect.stringMatching(message));
    await worker.stop();

    const able = await openTestProject(server, { handlers: { subject: () => 'done' } });
    await (await queue.getJob('j_1'))!.promote();
    await startTestWorker(able);
    expect(await waitForJob(able, 'j_1')).toMatchObject({ status: 'completed', attempts: 1 });
  });

  it('is dead when it has expired before its first start', async () => {
    const { job } = await run(() => expect.unreachable(), { options: { expiresIn: 1, delay: 0, attempts: 5 } });
    expect(job).toMatchObject({ status: 'failed', attempts: 1 });
    expect(job.error).toMatch(/^Expired: not started by \d{4}-/);
  });

  it('does not expire once it has started', async () => {
    const { job } = await run(
      async (_payload, { job: { attempt, createdAt } }) => {
        if (attempt > 1) return 'done';
        await expect.poll(() => Date.now() - createdAt.getTime()).toBeGreaterThan(1000);
        throw new Error('boom');
      },
      { options: { expiresIn: '1s', attempts: 2 } },
    );
    expect(job).toMatchObject({ status: 'completed', attempts: 2 });
  });
});

describe('a timeout', () => {
  it('aborts the signal of a handler that listens, and is the reason whatever the handler makes of it', async () => {
    let reason: unknown;
    const { job } = await run(
      (_payload, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reason = signal.reason;
            reject(new Error('fetch failed'));
          });
        }),
      { options: { timeout: 50, attempts: 1 } },
    );
    expect(reason).toMatchObject({ name: 'AbortError', message: 'Timed out after 50ms' });
    expect(job).toMatchObject({ status: 'failed', attempts: 1, error: 'Timed out after 50ms' });
  });

  it('ends the attempt of a handler that does not listen, and its slot is free again', async () => {
    let calls = 0;
    const { job } = await run(
      () => {
        calls += 1;
        return calls === 1 ? new Promise(() => {}) : 'second time';
      },
      { options: { timeout: 50, attempts: 2 } },
    );
    expect(job).toMatchObject({ status: 'completed', attempts: 2, result: 'second time' });
    expect(job.failures).toMatchObject([
      { attempt: 1, error: expect.stringMatching(/Timed out after 50ms/) as string },
    ]);
  });

  it('ends the check of a payload too, which may be any program', async () => {
    let calls = 0;
    const validate = (value: unknown) => {
      calls += 1;
      // The first call is that of the producer.
      return calls === 2 ? new Promise<never>(() => {}) : { value };
    };
    const { job } = await run(
      { input: { '~standard': { version: 1, vendor: 'test', validate } }, run: () => 'done' },
      { options: { timeout: 50, attempts: 2 } },
    );
    expect(job).toMatchObject({ status: 'completed', attempts: 2 });
    expect(job.failures[0]!.error).toContain('Timed out after 50ms');
  });

  it('leaves a handler its result that ends soon after', async () => {
    const { job } = await run(
      (_payload, { signal }) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => resolve('saved what there was'));
        }),
      { options: { timeout: 50, attempts: 1 } },
    );
    expect(job).toMatchObject({ status: 'completed', result: 'saved what there was' });
  });

  it('is the configuration’s for a job of another program', async () => {
    const project = await openTestProject(server, {
      config: { defaults: { timeout: 50 } },
      handlers: {
        subject: (_payload, { signal }) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => reject(signal.reason as Error));
          }),
      },
    });
    const queue = new Queue('default', { connection: { path: server.socketPath } });
    onTestFinished(() => queue.close());
    await queue.add('subject', {}, { jobId: 'j_1' });
    await startTestWorker(project);
    expect(await waitForJob(project, 'j_1')).toMatchObject({ status: 'failed', error: 'Timed out after 50ms' });
  });
});

describe('what a handler says', () => {
  it('is kept with its job, in order, and goes to the worker’s log with its ids', async () => {
    const { job, lines } = await run((_payload, { log }) => {
      log.info('first');
      log.warn({ size: 5 }, 'second');
      log.error({ err: new Error('no route') }, 'third');
      log.debug('fourth');
      for (let index = 0; index < 50; index += 1) log.info(`line ${index}`);
    });
    const kept = job.logs.map((line) => line.replace(/^\d{4}-\d\d-\d\dT[\d:.]+Z /, ''));
    expect(kept).toEqual([
      'info first',
      'warn second {"size":5}',
      'error third {"err":"no route"}',
      'debug fourth',
      ...Array.from({ length: 50 }, (_, index) => `info line ${index}`),
    ]);
    expect(lines.find(({ msg }) => msg === 'second')).toMatchObject({
      level: 40,
      size: 5,
      job: job.id,
      type: 'subject',
      queue: 'default',
      attempt: 1,
    });
  });

  it('is never the reason for which it fails', async () => {
    const { job } = await run((_payload, { log }) => {
      const circle: { self?: unknown } = {};
      circle.self = circle;
      log.info({ circle }, 'a circle');
      log.info({ big: 5n }, 'a bigint');
      log.info('x'.repeat(100_000));
    });
    expect(job.status).toBe('completed');
    expect(job.logs).toHaveLength(3);
    expect(job.logs[0]).toMatch(/info a circle$/);
    expect(job.logs[2]).toHaveLength(8192);
  });

  it('is kept over all attempts', async () => {
    const { job } = await run((_payload, { log, job }) => {
      log.info(`attempt ${job.attempt}`);
      if (job.attempt < 3) throw new Error('again');
    });
    expect(job.logs.map((line) => line.slice(-9))).toEqual(['attempt 1', 'attempt 2', 'attempt 3']);
  });

  it('works when it is taken apart', async () => {
    const { job } = await run(async (_payload, { job: { id }, log, signal, progress, once }) => {
      await progress(30);
      log.info('half way');
      return { id, aborted: signal.aborted, once: await once('step', () => 1) };
    });
    expect(job).toMatchObject({ progress: 30, result: { id: job.id, aborted: false, once: 1 } });
  });

  it('is its progress, as a percentage', async () => {
    const gate = Promise.withResolvers<void>();
    const project = await openTestProject(server, {
      handlers: {
        subject: async (_payload, { progress }) => {
          await progress(40.5);
          await gate.promise;
          await progress(100);
        },
      },
    });
    const { id } = await enqueue(project, { type: 'subject' });
    await startTestWorker(project);
    await expect.poll(async () => (await getJob(project, id)).progress).toBe(40.5);
    gate.resolve();
    expect(await waitForJob(project, id)).toMatchObject({ progress: 100 });
  });

  it.each([-1, 101, Number.NaN, '50', null])('is not %j as its progress', async (percent) => {
    const { job } = await run((_payload, { progress }) => progress(percent as number), { options: { attempts: 1 } });
    expect(job.error).toBe(`Expected progress() to get a percentage from 0 to 100, got ${String(percent)}`);
  });
});

describe('a job from a job', () => {
  it('is one like any other', async () => {
    let child: string | undefined;
    const project = await openTestProject(server, {
      handlers: {
        parent: async (_payload, { enqueue }) => (child = await enqueue('child', { n: 1 }, { priority: 5 })),
        child: (payload) => payload,
      },
    });
    const { id } = await enqueue(project, { type: 'parent' });
    await startTestWorker(project);
    expect(await waitForJob(project, id)).toMatchObject({ status: 'completed', result: child });
    expect(await waitForJob(project, child!)).toMatchObject({ type: 'child', result: { n: 1 }, priority: 5 });
  });

  it('is refused as any other', async () => {
    const { job } = await run((_payload, { enqueue }) => enqueue('sbject'), { options: { attempts: 1 } });
    expect(job.error).toMatch(/^No handler has the type "sbject"/);
  });
});

describe('a dead job', () => {
  it('stays, though its producer of another program wanted it removed', async () => {
    const project = await openTestProject(server, { handlers: { subject: () => Promise.reject(new Error('boom')) } });
    const queue = new Queue('default', { connection: { path: server.socketPath } });
    onTestFinished(() => queue.close());
    await queue.add('subject', {}, { jobId: 'j_1', removeOnFail: true });
    await queue.add('subject', {}, { jobId: 'j_2', removeOnFail: { count: 1 } });
    // What BullMQ does to a job that stalled too often: the next worker buries it without running it.
    await queue.add('subject', {}, { jobId: 'j_3', removeOnFail: true });
    await redis.call('HSET', 'bull:default:j_3', 'defa', 'job stalled more than allowable limit');
    await startTestWorker(project);
    for (const id of ['j_1', 'j_2', 'j_3']) expect(await waitForJob(project, id)).toMatchObject({ status: 'failed' });
    expect((await getJob(project, 'j_3')).error).toBe('job stalled more than allowable limit');
  });

  it('runs again after a replay as if new, with the history of before', async () => {
    const { replayDeadLetters } = await import('../../src/jobs/dead-letters.ts');
    const attempts: number[] = [];
    const { job, project } = await run(
      (_payload, { job }) => {
        if (attempts.push(job.attempt) <= 2) throw new Error('boom');
      },
      { options: { attempts: 2 } },
    );
    expect(job.status).toBe('failed');
    await replayDeadLetters(project, {});
    await expect.poll(async () => (await getJob(project, job.id)).status).toBe('completed');
    expect(attempts).toEqual([1, 2, 1]);
    const detail: JobDetail = await getJobDetail(project, job.id);
    expect(detail).toMatchObject({ attempts: 1, replays: 1, error: null });
    expect(detail.failures.map(({ attempt }) => attempt)).toEqual([1, 2]);
  });
});
