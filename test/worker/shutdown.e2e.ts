import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { openQuickRedis } from '../../src/broker/quick-redis.ts';
import type { Redis } from '../../src/broker/redis.ts';
import { parseTarget } from '../../src/broker/target.ts';
import { enqueue, enqueueMany } from '../../src/jobs/enqueue.ts';
import { getJob } from '../../src/jobs/find-jobs.ts';
import { waitForJob } from '../../src/jobs/wait-for-job.ts';
import type { ConfigInput } from '../../src/options.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { openTestProject, type TestHandler } from '../helpers/test-project.ts';
import { startTestWorker } from '../helpers/test-worker.ts';

let server: TestRedis;
let redis: Redis;

beforeAll(async () => {
  server = await startRedis();
  redis = await openQuickRedis(parseTarget(server.url, 'test'));
});
beforeEach(() => {
  // Comes last, when the workers have stopped and the projects are closed: no connection of theirs may be left.
  onTestFinished(async () => {
    await vi.waitFor(async () => {
      const clients = ((await redis.call('CLIENT', 'LIST')) as string).trim().split('\n');
      if (clients.length > 1) throw new Error(`There are connections left:\n${clients.join('\n')}`);
    });
    await redis.call('FLUSHALL');
  });
});
afterAll(async () => {
  await redis.close();
  await server.stop();
});

/** A worker in the middle of one job; `gate` is what a handler may wait for. */
async function startInTheMiddle(handler: TestHandler, config: ConfigInput = {}) {
  const started = Promise.withResolvers<void>();
  const project = await openTestProject(server, {
    config,
    handlers: {
      subject: (payload, context) => {
        started.resolve();
        return (typeof handler === 'function' ? handler : handler.run)(payload, context);
      },
    },
  });
  const { id } = await enqueue(project, { type: 'subject', options: { attempts: 2 } });
  const worker = await startTestWorker(project);
  await started.promise;
  return { project, worker, id };
}

/** Ends as soon as it is told to, as a `fetch` with the signal does. */
const listening: TestHandler = (_payload, { signal }) =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
  });

describe('stop', () => {
  it('lets what runs end, and takes nothing more', async () => {
    const gate = Promise.withResolvers<string>();
    const { project, worker, id } = await startInTheMiddle(() => gate.promise, { work: { concurrency: 1 } });
    const later = await enqueue(project, { type: 'subject' });
    const stopping = worker.stop();
    gate.resolve('finished');
    await stopping;
    expect(await worker.stopped).toEqual({ putBack: 0 });
    expect(await getJob(project, id)).toMatchObject({ status: 'completed', result: 'finished' });
    expect(await getJob(project, later.id)).toMatchObject({ state: 'waiting', attempts: 0, startedAt: null });
    expect(await worker.busy()).toBe(0);
  });

  it('puts back what does not end within the grace, the attempt not counted', async () => {
    const { project, worker, id } = await startInTheMiddle(listening, { work: { grace: 50 } });
    await worker.stop();
    expect(await worker.stopped).toEqual({ putBack: 1 });
    expect(await getJob(project, id)).toMatchObject({ state: 'waiting', attempts: 0, error: null });
  });

  it('tells a handler why', async () => {
    let reason: unknown;
    const { worker } = await startInTheMiddle(
      (_payload, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject((reason = signal.reason) as Error));
        }),
      { work: { grace: 0 } },
    );
    await worker.stop();
    expect(reason).toMatchObject({ name: 'AbortError', message: 'The worker stops' });
  });

  it('ends the same once or twice, of an idle worker too', async () => {
    const project = await openTestProject(server, { handlers: { subject: () => 1 } });
    const worker = await startTestWorker(project);
    await Promise.all([worker.stop(), worker.stop(), worker.stopNow()]);
    await worker.stop();
    expect(await worker.stopped).toEqual({ putBack: 0 });
  });
});

describe('stopNow', () => {
  it('does not wait for the grace', async () => {
    const { project, worker, id } = await startInTheMiddle(listening, { work: { grace: '1h' } });
    await worker.stopNow();
    expect(await worker.stopped).toEqual({ putBack: 1 });
    expect(await getJob(project, id)).toMatchObject({ state: 'waiting', attempts: 0 });
  });

  it('ends a grace that has begun', async () => {
    const { worker } = await startInTheMiddle(listening, { work: { grace: '1h' } });
    const stopping = worker.stop();
    await worker.stopNow();
    await stopping;
    expect(await worker.stopped).toEqual({ putBack: 1 });
  });

  it('puts back what does not listen', async () => {
    const { project, worker, id } = await startInTheMiddle(() => new Promise(() => {}));
    await worker.stopNow();
    expect(await worker.stopped).toEqual({ putBack: 1 });
    expect(await getJob(project, id)).toMatchObject({ state: 'waiting', attempts: 0 });
  });

  it('counts only what it has put back: what makes use of its last moment is done', async () => {
    const { project, worker, id } = await startInTheMiddle(
      (_payload, { signal }) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => resolve('in time'));
        }),
    );
    await worker.stopNow();
    expect(await worker.stopped).toEqual({ putBack: 0 });
    expect(await getJob(project, id)).toMatchObject({ status: 'completed', result: 'in time' });
  });

  it('puts back many, each once, and another worker runs them', async () => {
    const project = await openTestProject(server, {
      config: { work: { concurrency: 20 } },
      handlers: { subject: listening },
    });
    const jobs = await enqueueMany(
      project,
      Array.from({ length: 50 }, () => ({ type: 'subject', options: { attempts: 1 } })),
    );
    const worker = await startTestWorker(project);
    await expect.poll(() => worker.busy()).toBe(20);
    await worker.stopNow();
    expect(await worker.stopped).toEqual({ putBack: 20 });
    expect(await redis.call('LLEN', 'bull:default:wait')).toBe(50);
    expect(await redis.call('LLEN', 'bull:default:active')).toBe(0);

    const able = await openTestProject(server, { handlers: { subject: () => 'done' } });
    await startTestWorker(able);
    const ended = await Promise.all(jobs.map(({ id }) => waitForJob(able, id)));
    expect(ended.every(({ status, attempts }) => status === 'completed' && attempts === 1)).toBe(true);
  });
});

describe('while Redis is away', () => {
  const away = () => {
    process.kill(server.pid, 'SIGSTOP');
    return () => process.kill(server.pid, 'SIGCONT');
  };

  it('an idle worker stops all the same', async () => {
    const project = await openTestProject(server, { handlers: { subject: () => 1 } });
    const worker = await startTestWorker(project);
    const back = away();
    onTestFinished(() => void back());
    await worker.stopNow();
    back();
    await expect.poll(() => redis.call('PING')).toBe('PONG');
  });

  it('a worker in the middle of a job stops all the same', async () => {
    const { project, worker, id } = await startInTheMiddle(listening);
    const back = away();
    onTestFinished(() => void back());
    await worker.stopNow();
    back();
    expect(await getJob(project, id)).toMatchObject({
      status: expect.stringMatching(/pending|processing/) as string,
      attempts: 0,
    });
  });
});

describe('drain', () => {
  it('ends when all is done: what waits, what was asked for meanwhile, what is due soon, what is tried again', async () => {
    let failures = 0;
    const project = await openTestProject(server, {
      config: { defaults: { backoff: { type: 'fixed', delay: 20 } }, queues: { other: {} } },
      handlers: {
        parent: (_payload, { enqueue }) => enqueue('child', {}, { queue: 'other', delay: 20 }),
        child: () => {
          failures += 1;
          if (failures === 1) throw new Error('again');
        },
      },
    });
    const { id } = await enqueue(project, { type: 'parent' });
    const worker = await startTestWorker(project, { drain: true });
    expect(await worker.stopped).toEqual({ putBack: 0 });
    const child = (await getJob(project, id)).result as string;
    expect(await getJob(project, child)).toMatchObject({ status: 'completed', attempts: 2 });
  });

  it('does not wait for what is due much later', async () => {
    const project = await openTestProject(server, { handlers: { subject: () => 1 } });
    const { id } = await enqueue(project, { type: 'subject', options: { delay: '1h' } });
    const worker = await startTestWorker(project, { drain: true });
    await worker.stopped;
    expect(await getJob(project, id)).toMatchObject({ state: 'delayed' });
  });

  it('goes on when Redis was away for a while', async () => {
    const { untilDrained } = await import('../../src/worker/drain.ts');
    let looks = 0;
    const flickering = {
      ...(await openTestProject(server)).broker,
      redis: {
        ...redis,
        pipeline: (commands: Parameters<Redis['pipeline']>[0]) =>
          (looks += 1) === 1 ? Promise.reject(new Error('away')) : redis.pipeline(commands),
      },
    };
    await untilDrained(flickering, ['default'], () => 0, new AbortController().signal);
    expect(looks).toBeGreaterThan(2);
  });

  it('can be stopped before', async () => {
    const { worker } = await startInTheMiddle(listening);
    await worker.stopNow();
    const project = await openTestProject(server, { handlers: { subject: listening } });
    const draining = await startTestWorker(project, { drain: true });
    await expect.poll(() => draining.busy()).toBe(1);
    await draining.stopNow();
    expect(await draining.stopped).toEqual({ putBack: 1 });
  });
});

it('does not start without a handler', async () => {
  const project = await openTestProject(server);
  await expect(startTestWorker(project)).rejects.toMatchObject({
    code: 'FAILED',
    message: 'There is no handler to run in ./handlers',
    hint: 'Make one: jq init',
  });
});
