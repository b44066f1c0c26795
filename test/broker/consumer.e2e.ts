import { Queue } from 'bullmq';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Broker } from '../../src/broker/broker.ts';
import {
  type AttemptEnd,
  type ConsumerOptions,
  createConsumer,
  type Delivery,
} from '../../src/broker/consumer/consumer.ts';
import type { LockKeeper } from '../../src/broker/locks/lock-keeper.ts';
import { openTestBroker } from '../helpers/broker.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';

let server: TestRedis;
let broker: Broker;
let queue: Queue;

beforeAll(async () => {
  server = await startRedis();
  broker = await openTestBroker(server);
});
beforeEach(() => {
  queue = new Queue('mail', { connection: { path: server.socketPath } });
});
afterEach(async () => {
  await queue.close();
  await broker.redis.call('FLUSHALL');
});
afterAll(async () => {
  await broker.close();
  await server.stop();
});

/** A consumer whose attempts end as `run` says; what it was handed is in `deliveries`. */
async function start(
  run: (delivery: Delivery) => AttemptEnd | Promise<AttemptEnd>,
  options: Partial<ConsumerOptions> = {},
) {
  const deliveries: Delivery[] = [];
  const errors: Error[] = [];
  const consumer = createConsumer(broker, {
    queue: 'mail',
    concurrency: 1,
    keepCompleted: { ageMs: 3_600_000, count: 10 },
    run: async (delivery) => {
      deliveries.push(delivery);
      return run(delivery);
    },
    onError: (error) => void errors.push(error),
    ...options,
  });
  await consumer.start();
  onTestFinished(() => consumer.stop());
  return { consumer, deliveries, errors };
}

const stateOf = async (id: string) => (await queue.getJob(id))?.getState();
const failure = (final: boolean): AttemptEnd => ({ kind: 'failed', message: 'boom', stack: '[attempt] boom', final });

describe('the end of an attempt', () => {
  it.each<[string, AttemptEnd, string, object]>([
    ['completed', { kind: 'completed', result: { ok: 1 } }, 'completed', { attemptsMade: 1, returnvalue: { ok: 1 } }],
    [
      'failed, attempts left',
      failure(false),
      'delayed',
      { attemptsMade: 1, failedReason: 'boom', stacktrace: ['[attempt] boom'] },
    ],
    [
      'failed for good',
      failure(true),
      'failed',
      { attemptsMade: 1, failedReason: 'boom', stacktrace: ['[attempt] boom'] },
    ],
    ['postponed', { kind: 'postponed', delayMs: 60_000 }, 'delayed', { attemptsMade: 0, stacktrace: [] }],
  ])('that was %s becomes BullMQ’s state', async (_name, end, state, facts) => {
    await queue.add('x', {}, { jobId: 'j_1', attempts: 2, backoff: { type: 'fixed', delay: 60_000 } });
    await start(() => end);
    await expect.poll(() => stateOf('j_1')).toBe(state);
    expect(await queue.getJob('j_1')).toMatchObject({ ...facts, attemptsStarted: 1 });
  });

  it('that was returned makes the job wait in front, and it is taken again', async () => {
    await queue.add('x', {}, { jobId: 'j_1', attempts: 1 });
    await queue.add('x', {}, { jobId: 'j_2' });
    const { deliveries } = await start(({ id, fence }) =>
      id === 'j_1' && fence === 1 ? { kind: 'returned' } : { kind: 'completed', result: null },
    );
    await expect.poll(() => deliveries.map(({ id }) => id)).toEqual(['j_1', 'j_1', 'j_2']);
    expect(deliveries.map(({ attempt, fence }) => [attempt, fence])).toEqual([
      [1, 1],
      [1, 2],
      [1, 1],
    ]);
  });

  it('that was lost writes nothing', async () => {
    await queue.add('x', {}, { jobId: 'j_1' });
    const { deliveries } = await start(() => ({ kind: 'lost' }));
    await expect.poll(() => deliveries.length).toBe(1);
    expect(await queue.getJob('j_1')).toMatchObject({ attemptsMade: 0, stacktrace: [], returnvalue: null });
    expect(await stateOf('j_1')).toBe('active');
  });
});

/** Keeps no locks, and knows of which jobs it was asked to. */
function noteLocks() {
  const held = new Set<string>();
  const locks: LockKeeper = {
    hold: ({ id }) => (held.add(id), { setDeadline() {}, release: () => void held.delete(id) }),
    onLost() {},
    stop: async () => {},
  };
  return { held, locks };
}

describe('while Redis is read-only', () => {
  const call = ([command, ...words]: readonly [string, ...string[]]) => broker.redis.call(command, ...words);

  it.each<[string, AttemptEnd, string, number]>([
    ['completed', { kind: 'completed', result: null }, 'completed', 1],
    ['failed, attempts left', failure(false), 'delayed', 1],
    ['failed for good', failure(true), 'failed', 1],
    ['postponed', { kind: 'postponed', delayMs: 60_000 }, 'delayed', 0],
  ])('the end of an attempt waits, and costs nothing: %s', async (_name, end, state, attemptsMade) => {
    const { held, locks } = noteLocks();
    await queue.add('x', {}, { jobId: 'j_1', attempts: 2, backoff: { type: 'fixed', delay: 60_000 } });
    await call(['CONFIG', 'RESETSTAT']);
    const { deliveries } = await start(async () => (await call(['REPLICAOF', '127.0.0.1', '1']), end), { locks });
    // Its only slot is taken until then, so that it asks for nothing else.
    const refused = () => call(['INFO', 'commandstats']) as Promise<string>;
    try {
      await expect.poll(refused).toMatch(/cmdstat_eval(sha)?:.*failed_calls=([2-9]|\d\d)/);
      expect([...held]).toEqual(['j_1']);
    } finally {
      await call(['REPLICAOF', 'NO', 'ONE']);
    }
    await expect.poll(() => stateOf('j_1')).toBe(state);
    expect(await queue.getJob('j_1')).toMatchObject({ attemptsMade, attemptsStarted: 1 });
    expect([...held]).toEqual([]);
    expect(deliveries).toHaveLength(1);
  });

  it('lets go of a job whose end is refused for good, so that its lock ends', async () => {
    const { held, locks } = noteLocks();
    for (const part of ['completed', 'failed'] as const) await call(['SET', broker.keys.queue('mail', part), 'x']);
    await broker.redis.call('LPUSH', 'bull:mail:wait', 'j_1');
    await broker.redis.call('HSET', 'bull:mail:j_1', 'name', 'x', 'data', '{}', 'opts', '{}', 'timestamp', Date.now());
    const { deliveries, errors } = await start(() => ({ kind: 'completed', result: null }), { locks });
    await expect.poll(() => errors.map(String)).toContainEqual(expect.stringContaining('WRONGTYPE'));
    await expect.poll(() => [deliveries.length, held.size]).toEqual([1, 0]);
  });
});

describe('a delivery', () => {
  it('tells what there is to know of a job, whoever made it', async () => {
    await queue.add('x', { n: 1 }, { jobId: 'j_1', attempts: 3, delay: 1 });
    const { deliveries } = await start(() => ({ kind: 'completed', result: null }));
    await expect.poll(() => deliveries.length).toBe(1);
    const [delivery] = deliveries;
    expect(delivery).toMatchObject({
      id: 'j_1',
      type: 'x',
      queue: 'mail',
      payload: { n: 1 },
      attempt: 1,
      maxAttempts: 3,
      fence: 1,
      extras: {},
    });
    expect(delivery!.dueAt.getTime()).toBe(delivery!.createdAt.getTime() + 1);
  });

  it.each([null, 'text', 5, [], undefined, { timeoutMs: 'x', expiresAt: -1e300 }, { timeoutMs: -1, expiresAt: [] }])(
    'has no extras when they are %j',
    async (jq) => {
      await broker.redis.call(
        'HSET',
        'bull:mail:j_1',
        'name',
        'x',
        'data',
        '{}',
        'opts',
        JSON.stringify({ jq }),
        'timestamp',
        1,
      );
      await broker.redis.call('LPUSH', 'bull:mail:wait', 'j_1');
      await broker.redis.call('ZADD', 'bull:mail:marker', 0, '0');
      const { deliveries } = await start(() => ({ kind: 'completed', result: null }));
      await expect.poll(() => deliveries.length).toBe(1);
      expect(deliveries[0]).toMatchObject({ extras: {}, maxAttempts: 1 });
      expect(Object.keys(deliveries[0]!.extras)).toEqual([]);
    },
  );

  it('is told when its lock is somebody else’s, and then nothing of it is written', async () => {
    await queue.add('x', {}, { jobId: 'j_1' });
    const { deliveries, errors } = await start(async ({ interruption }) => {
      await interruption.told;
      return { kind: 'lost' };
    });
    await expect.poll(() => deliveries.length).toBe(1);
    await broker.redis.call('SET', 'bull:mail:j_1:lock', 'somebody else');
    await expect.poll(() => deliveries[0]!.interruption.why?.kind).toBe('lost-lock');
    await expect.poll(() => errors.map(String)).toContainEqual(expect.stringContaining('could not renew lock'));
    expect(await broker.redis.call('GET', 'bull:mail:j_1:lock')).toBe('somebody else');
    expect(await queue.getJob('j_1')).toMatchObject({ attemptsMade: 0, stacktrace: [] });
  });
});

it('keeps to its rate, over jobs that wait', async () => {
  await queue.addBulk(['j_1', 'j_2', 'j_3'].map((jobId) => ({ name: 'x', data: {}, opts: { jobId } })));
  const { deliveries } = await start(() => ({ kind: 'completed', result: null }), {
    concurrency: 3,
    rateLimit: { max: 2, perMs: 3_600_000 },
  });
  await expect.poll(() => queue.getJobCounts('completed', 'waiting')).toEqual({ completed: 2, waiting: 1 });
  expect(deliveries).toHaveLength(2);
});

it('keeps completed jobs by its own measure only where the job says nothing', async () => {
  await queue.addBulk(
    Array.from({ length: 15 }, (_, index) => ({ name: 'x', data: {}, opts: { jobId: `j_${index}` } })),
  );
  await start(() => ({ kind: 'completed', result: null }), { keepCompleted: { ageMs: 3_600_000, count: 4 } });
  await expect.poll(() => queue.getWaitingCount()).toBe(0);
  await expect.poll(() => queue.getCompletedCount()).toBe(4);
});

it('puts back a job whose handler does not end, which then is not its own any more', async () => {
  await queue.add('x', {}, { jobId: 'j_1' });
  const gate = Promise.withResolvers<AttemptEnd>();
  const { consumer, deliveries } = await start(() => gate.promise);
  await expect.poll(() => deliveries.length).toBe(1);
  consumer.quiet();
  await consumer.putBack('j_1');
  await consumer.putBack('never');
  expect(await stateOf('j_1')).toBe('waiting');
  gate.resolve({ kind: 'completed', result: 'too late' });
  await consumer.stop();
  expect(await queue.getJob('j_1')).toMatchObject({ returnvalue: null, attemptsMade: 0 });
  expect(await stateOf('j_1')).toBe('waiting');
});

it('has nothing in hand once it was told to take no more, whatever comes', async () => {
  const { consumer, deliveries } = await start(() => ({ kind: 'completed', result: null }));
  consumer.quiet();
  await queue.add('x', {}, { jobId: 'j_1' });
  await consumer.stop();
  await consumer.stop();
  expect(deliveries).toEqual([]);
  expect(await stateOf('j_1')).toBe('waiting');
});
