import { Queue } from 'bullmq';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Broker } from '../../src/broker/broker.ts';
import { sweepCompleted, SWEEP_BATCH } from '../../src/broker/sweep-completed.ts';
import { createSweeper, type SweeperOptions } from '../../src/worker/sweeper.ts';
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

const HOUR = 3_600_000;
const NEVER = { ageMs: 1e12, count: 1e9 };

/** Puts ended jobs in place, `age` ms ago each, as BullMQ stores them; without `opts` as a program that says nothing. */
async function plant(jobs: readonly { id: string; age: number; opts?: object }[], set = 'completed'): Promise<void> {
  const at = broker.clock.now();
  await broker.redis.pipeline(
    jobs.flatMap(({ id, age, opts = {} }) => [
      [
        'HSET',
        `bull:mail:${id}`,
        'name',
        'x',
        'timestamp',
        at - age,
        'finishedOn',
        at - age,
        'opts',
        JSON.stringify(opts),
      ],
      ['RPUSH', `bull:mail:${id}:logs`, 'a line'],
      ['HSET', broker.keys.once('mail', id), 'step', 'D1'],
      ['ZADD', `bull:mail:${set}`, at - age, id],
    ]),
  );
}
const completed = async () => (await broker.redis.call('ZRANGE', 'bull:mail:completed', 0, -1)) as string[];
const sweepOnce = (keepCompleted = NEVER, worker = 'a', offset = 0) =>
  sweepCompleted(broker, { queue: 'mail', offset, keepCompleted, worker });
function startSweeper(options: Partial<SweeperOptions> = {}): void {
  const log = pino({ level: 'silent' });
  const sweeper = createSweeper(broker, {
    queues: ['mail'],
    keepCompleted: NEVER,
    worker: 'a',
    log,
    everyMs: 20,
    ...options,
  });
  onTestFinished(() => sweeper.stop());
  sweeper.start();
}
const OFTEN = { timeout: 20_000, interval: 10 };

describe('what is removed', () => {
  it('is what is too old or too far behind, by its own word or else by the worker’s', async () => {
    await plant([
      { id: 'foreign-old', age: 3 * HOUR },
      { id: 'kept-for-ever', age: 3 * HOUR, opts: { removeOnComplete: false } },
      { id: 'kept-all', age: 3 * HOUR, opts: { removeOnComplete: { count: -1 } } },
      { id: 'own-old', age: 2 * HOUR, opts: { removeOnComplete: { age: 7000 } } },
      { id: 'own-young', age: 2 * HOUR, opts: { removeOnComplete: { age: 7300 } } },
      { id: 'too-many', age: HOUR / 2, opts: { removeOnComplete: { count: 2 } } },
      { id: 'second', age: HOUR / 3, opts: { removeOnComplete: 2 } },
      { id: 'foreign-young', age: 0 },
    ]);
    expect(await sweepOnce({ ageMs: 2.5 * HOUR, count: 1000 })).toEqual({ seen: 8, removed: 3 });
    expect(await completed()).toEqual(['kept-all', 'kept-for-ever', 'own-young', 'second', 'foreign-young']);
    expect(await broker.redis.call('KEYS', '*own-old*')).toEqual([]);
    expect(await broker.redis.call('KEYS', '*own-young*')).toHaveLength(3);
  });

  it('is counted from the newest', async () => {
    await plant(Array.from({ length: 10 }, (_, index) => ({ id: `j${index}`, age: index * 1000 })));
    await sweepOnce({ ageMs: HOUR, count: 3 });
    expect((await completed()).toSorted()).toEqual(['j0', 'j1', 'j2']);
  });

  it('is no job whose options nobody can read, before its time', async () => {
    await plant([{ id: 'odd', age: 1000 }]);
    await broker.redis.call('HSET', 'bull:mail:odd', 'opts', '{broken');
    expect(await sweepOnce()).toEqual({ seen: 1, removed: 0 });
    expect(await sweepOnce({ ageMs: 500, count: 10 })).toEqual({ seen: 1, removed: 1 });
  });

  it('is never a dead letter', async () => {
    await plant([{ id: 'dead', age: 9 * HOUR, opts: { removeOnFail: { age: 1 } } }], 'failed');
    await sweepOnce({ ageMs: 1000, count: 0 });
    expect(await broker.redis.call('ZCARD', 'bull:mail:failed')).toBe(1);
  });
});

it('one worker at a time does it', async () => {
  await plant([{ id: 'old', age: HOUR }]);
  await sweepOnce(NEVER, 'a');
  expect(await sweepOnce({ ageMs: 1, count: 0 }, 'b')).toBeUndefined();
  expect(await completed()).toEqual(['old']);
  await broker.redis.call('DEL', broker.keys.sweeper('mail'));
  expect(await sweepOnce({ ageMs: 1, count: 0 }, 'b')).toEqual({ seen: 1, removed: 1 });
});

it('goes on until all that is due is gone, also behind what stays', async () => {
  const forEver = { removeOnComplete: false };
  await plant([
    ...Array.from({ length: 3 * SWEEP_BATCH }, (_, index) => ({ id: `stays${index}`, age: 9 * HOUR, opts: forEver })),
    ...Array.from({ length: 25 * SWEEP_BATCH }, (_, index) => ({ id: `goes${index}`, age: 5 * HOUR })),
    ...Array.from({ length: 5 }, (_, index) => ({ id: `young${index}`, age: 1000 })),
  ]);
  startSweeper({ keepCompleted: { ageMs: HOUR, count: 1e6 } });
  await expect.poll(async () => (await completed()).length, OFTEN).toBe(3 * SWEEP_BATCH + 5);
});

it('looks through a set that is larger than one round, round after round', async () => {
  const forEver = { removeOnComplete: false };
  await plant([
    ...Array.from({ length: 45 * SWEEP_BATCH }, (_, index) => ({ id: `stays${index}`, age: 9 * HOUR, opts: forEver })),
    { id: 'goes', age: HOUR, opts: { removeOnComplete: { age: 1 } } },
  ]);
  startSweeper();
  await expect.poll(completed, OFTEN).not.toContain('goes');
});

it('a worker without any work keeps the time of jobs of its queues, and leaves those of others', async () => {
  const project = await openTestProject(server, { handlers: { x: async () => 1 } });
  const [mail, foreign] = ['default', 'foreign'].map(
    (name) => new Queue(name, { connection: { path: server.socketPath } }),
  );
  onTestFinished(async () => {
    await Promise.all([mail!.close(), foreign!.close()]);
  });
  await mail!.add('x', {}, { removeOnComplete: { age: 0 }, jobId: 'old' });
  await foreign!.add('x', {}, { removeOnComplete: { age: 0 }, jobId: 'old' });
  for (const queue of ['default', 'foreign']) {
    await broker.redis.call('LREM', `bull:${queue}:wait`, 1, 'old');
    await broker.redis.call('ZADD', `bull:${queue}:completed`, broker.clock.now() - HOUR, 'old');
  }
  const worker = await startTestWorker(project);
  await expect.poll(() => broker.redis.call('EXISTS', 'bull:default:old'), OFTEN).toBe(0);
  expect(await broker.redis.call('EXISTS', 'bull:foreign:old')).toBe(1);
  await worker.stop();
});
