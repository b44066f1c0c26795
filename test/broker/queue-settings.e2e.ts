import { Queue } from 'bullmq';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Broker } from '../../src/broker/broker.ts';
import { pauseQueue, resumeQueue } from '../../src/broker/pause-queue.ts';
import { readQueueSettings, setQueueLimits } from '../../src/broker/queue-settings.ts';
import { monotonicMs } from '../../src/lib/clock.ts';
import { openTestBroker } from '../helpers/broker.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { openTestProject } from '../helpers/test-project.ts';
import { startTestWorker } from '../helpers/test-worker.ts';

let server: TestRedis;
let broker: Broker;

beforeAll(async () => {
  server = await startRedis();
  broker = await openTestBroker(server);
});
afterEach(() => broker.redis.call('FLUSHALL'));
afterAll(async () => {
  await broker.close();
  await server.stop();
});

function openQueue(name = 'default'): Queue {
  const queue = new Queue(name, { connection: { path: server.socketPath } });
  onTestFinished(() => queue.close());
  return queue;
}
const settings = async (queue = 'default') => (await readQueueSettings(broker, [queue])).get(queue)!;
const OFTEN = { timeout: 20_000, interval: 10 };

describe('a pause', () => {
  it('keeps who wanted it first, and since when; BullMQ sees it too', async () => {
    const queue = openQueue();
    await queue.waitUntilReady();
    await pauseQueue(broker, 'default', 'ana@web-1');
    await pauseQueue(broker, 'default', 'bob@web-1');
    expect(await settings()).toMatchObject({
      paused: true,
      pausedBy: 'ana@web-1',
      pausedAt: expect.any(Number) as number,
    });
    expect(await queue.isPaused()).toBe(true);
    await resumeQueue(broker, 'default');
    expect(await settings()).toMatchObject({ paused: false, pausedBy: null, pausedAt: null });
    expect(await queue.isPaused()).toBe(false);
  });

  it('by another program has no name, also when one of ours came before', async () => {
    const queue = openQueue();
    await queue.pause();
    expect(await settings()).toMatchObject({ paused: true, pausedBy: null });
    await queue.resume();
    await pauseQueue(broker, 'default', 'ana@web-1');
    await queue.resume();
    expect(await settings()).toMatchObject({ paused: false, pausedBy: null, pausedAt: null });
  });

  it('brings the jobs back that BullMQ 5 put aside', async () => {
    await broker.redis.call(
      'RPUSH',
      'bull:default:paused',
      ...Array.from({ length: 15_000 }, (_, index) => `p${index}`),
    );
    await broker.redis.call('HSET', 'bull:default:meta', 'paused', 1);
    await broker.redis.call('RPUSH', 'bull:default:wait', 'new');
    await resumeQueue(broker, 'default');
    expect(await broker.redis.call('LLEN', 'bull:default:wait')).toBe(15_001);
    expect(await broker.redis.call('EXISTS', 'bull:default:paused')).toBe(0);
  });
});

describe('limits', () => {
  it('are those of BullMQ, and each stays until it is changed', async () => {
    const queue = openQueue();
    await setQueueLimits(broker, 'default', { concurrency: 3, rate: { max: 600, perMs: 60_000 } });
    expect([await queue.getGlobalConcurrency(), await queue.getGlobalRateLimit()]).toEqual([
      3,
      { max: 600, duration: 60_000 },
    ]);
    await setQueueLimits(broker, 'default', { concurrency: null });
    expect(await settings()).toMatchObject({ concurrency: null, rate: { max: 600, perMs: 60_000 } });
    await setQueueLimits(broker, 'default', { rate: null });
    expect(await settings()).toMatchObject({ concurrency: null, rate: null });
  });

  it('are nothing for a queue that is something else', async () => {
    await broker.redis.call('SET', 'bull:odd:meta', 'text');
    expect(await settings('odd')).toEqual({
      paused: false,
      pausedBy: null,
      pausedAt: null,
      concurrency: null,
      rate: null,
    });
  });
});

describe('a worker', () => {
  /** Jobs that end when they are told to. */
  async function startGated(amount: number) {
    const gate = Promise.withResolvers<void>();
    let most = 0;
    let running = 0;
    let started = 0;
    const run = async (): Promise<void> => {
      started += 1;
      most = Math.max(most, (running += 1));
      await gate.promise;
      running -= 1;
    };
    const project = await openTestProject(server, { handlers: { x: run }, config: { work: { concurrency: 10 } } });
    await openQueue().addBulk(Array.from({ length: amount }, () => ({ name: 'x', data: {} })));
    return { project, open: gate.resolve, most: () => most, running: () => running, started: () => started };
  }

  it('runs no more at a time than its queue allows, and more as soon as that is raised', async () => {
    const jobs = await startGated(10);
    await setQueueLimits(broker, 'default', { concurrency: 2 });
    const worker = await startTestWorker(jobs.project);
    await expect.poll(jobs.running, OFTEN).toBe(2);
    const raisedAt = monotonicMs();
    await setQueueLimits(broker, 'default', { concurrency: 5 });
    await expect.poll(jobs.running, OFTEN).toBe(5);
    // Not only when it looks by itself, each five seconds.
    expect(monotonicMs() - raisedAt).toBeLessThan(2500);
    expect(jobs.most()).toBe(5);
    await setQueueLimits(broker, 'default', { concurrency: null });
    await expect.poll(jobs.running, OFTEN).toBe(10);
    jobs.open();
    await expect.poll(() => countOf('completed'), OFTEN).toBe(10);
    await worker.stop();
  });

  it('starts no more than its queue allows in a time, and goes on when that is taken away', async () => {
    const jobs = await startGated(8);
    jobs.open();
    await setQueueLimits(broker, 'default', { rate: { max: 3, perMs: 3_600_000 } });
    const worker = await startTestWorker(jobs.project);
    await expect.poll(() => countOf('completed'), OFTEN).toBe(3);
    expect(jobs.started()).toBe(3);
    const freedAt = monotonicMs();
    await setQueueLimits(broker, 'default', { rate: null });
    await expect.poll(() => countOf('completed'), OFTEN).toBe(8);
    expect(monotonicMs() - freedAt).toBeLessThan(3000);
    await worker.stop();
  });

  it('takes nothing of a paused queue, and goes on at once when it is resumed', async () => {
    const jobs = await startGated(2);
    jobs.open();
    await pauseQueue(broker, 'default', 'ana');
    const worker = await startTestWorker(jobs.project);
    await expect.poll(() => broker.redis.call('HLEN', broker.keys.beats), OFTEN).toBe(1);
    await resumeQueue(broker, 'default');
    await expect.poll(() => countOf('completed'), { ...OFTEN, timeout: 2500 }).toBe(2);
    await worker.stop();
  });
});

const countOf = (set: string) => broker.redis.call('ZCARD', `bull:default:${set}`);
