import { Worker } from 'bullmq';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { addJobs } from '../../src/broker/add-jobs.ts';
import type { Broker } from '../../src/broker/broker.ts';
import { editJob } from '../../src/broker/edit-job.ts';
import { createKeys } from '../../src/broker/keys.ts';
import { openLastingRedis } from '../../src/broker/lasting-redis.ts';
import { pauseQueue, resumeQueue } from '../../src/broker/pause-queue.ts';
import type { Redis } from '../../src/broker/redis.ts';
import { parseTarget } from '../../src/broker/target.ts';
import { readKeyspace } from '../helpers/keyspace.ts';
import { newJob } from '../helpers/new-job.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';

let server: TestRedis;
let redis: Redis;
let broker: Broker;

beforeAll(async () => {
  server = await startRedis();
  redis = await openLastingRedis(parseTarget(server.url, 'test'));
  broker = { redis, keys: createKeys('bull'), clock: { now: () => NOW }, target: {} } as Broker;
});
afterEach(() => redis.call('FLUSHALL'));
afterAll(async () => {
  await redis.close();
  await server.stop();
});

const NOW = Date.parse('2026-11-22T10:00:00Z');

async function add(parts: Parameters<typeof newJob>[0] = {}): Promise<string> {
  const [added] = await addJobs(broker, [newJob({ queue: 'mail', createdAt: NOW, ...parts })]);
  return added!.id;
}

const edit = (id: string, change: Omit<Parameters<typeof editJob>[3], 'at'>, at = NOW) =>
  editJob(broker, 'mail', id, { at, ...change });
const hash = async (id: string) => (await readKeyspace(redis, `bull:mail:${id}`))[`bull:mail:${id}`] as Hash;
type Hash = Record<string, string>;
const optionsOf = async (id: string) => JSON.parse((await hash(id)).opts!) as Record<string, unknown>;
const waiting = async () => ((await redis.call('LRANGE', 'bull:mail:wait', 0, -1)) as string[]).toReversed();
const sorted = async (part: string) => (await redis.call('ZRANGE', `bull:mail:${part}`, 0, -1)) as string[];

describe('a waiting job', () => {
  it('gets another payload and keeps its place', async () => {
    const ids = [await add(), await add(), await add()];
    expect(await edit(ids[1]!, { payload: { to: 'grace@example.com' } })).toBe('done');
    expect(await waiting()).toEqual(ids);
    expect((await hash(ids[1]!)).data).toBe('{"to":"grace@example.com"}');
  });

  it('gets a priority, and loses it again', async () => {
    const id = await add();
    await edit(id, { priority: 3 });
    expect([await waiting(), await sorted('prioritized')]).toEqual([[], [id]]);
    expect(await optionsOf(id)).toMatchObject({ priority: 3 });
    await edit(id, { priority: 0 });
    expect([await waiting(), await sorted('prioritized')]).toEqual([[id], []]);
    expect((await hash(id)).priority).toBe('0');
  });

  it('keeps its place when what it is told is what it has', async () => {
    const ids = [await add(), await add()];
    await edit(ids[0]!, { priority: 0, delayMs: 0 });
    expect(await waiting()).toEqual(ids);
  });

  it('is delayed, and expires so long after it is due as before', async () => {
    const id = await add({ extras: { timeoutMs: 1, expiresAt: NOW + 60_000 } });
    await edit(id, { delayMs: 3_600_000 }, NOW + 5000);
    expect([await waiting(), await sorted('delayed')]).toEqual([[], [id]]);
    expect(Math.floor(Number(await redis.call('ZSCORE', 'bull:mail:delayed', id)) / 4096)).toBe(NOW + 3_605_000);
    expect(await optionsOf(id)).toMatchObject({ delay: 3_605_000, jq: { expiresAt: NOW + 3_665_000 } });
    // A worker that sleeps is told when to look.
    expect(await redis.call('ZSCORE', 'bull:mail:marker', '1')).toBe(String(NOW + 3_605_000));
  });
});

describe('a delayed job', () => {
  it('becomes due at another time, in the order of the edits', async () => {
    const ids = [await add({ delayMs: 60_000 }), await add({ delayMs: 50_000 })];
    for (const id of ids) await edit(id, { delayMs: 1000 });
    expect(await sorted('delayed')).toEqual(ids);
  });

  it('waits at once without a delay, with its priority, and wakes a worker', async () => {
    const [plain, urgent] = [await add({ delayMs: 60_000 }), await add({ delayMs: 60_000 })];
    await edit(plain, { delayMs: 0 });
    await edit(urgent, { delayMs: 0, priority: 2 });
    expect([await waiting(), await sorted('prioritized'), await sorted('delayed')]).toEqual([[plain], [urgent], []]);
    expect(await redis.call('ZSCORE', 'bull:mail:marker', '0')).toBe('0');
    expect((await hash(plain)).delay).toBe('0');
  });

  it('wakes no worker of a queue that is paused', async () => {
    const id = await add({ delayMs: 60_000 });
    await pauseQueue(broker, 'mail', 'ana');
    await edit(id, { delayMs: 0 });
    expect(await redis.call('EXISTS', 'bull:mail:marker')).toBe(0);
    await resumeQueue(broker, 'mail');
    expect(await redis.call('ZSCORE', 'bull:mail:marker', '0')).toBe('0');
  });

  it('keeps its time when it gets a priority only', async () => {
    const id = await add({ delayMs: 60_000 });
    const score = await redis.call('ZSCORE', 'bull:mail:delayed', id);
    await edit(id, { priority: 7 });
    expect(await redis.call('ZSCORE', 'bull:mail:delayed', id)).toBe(score);
    expect((await hash(id)).priority).toBe('7');
  });
});

it('changes nothing of a job that is taken, has ended, or is not there', async () => {
  const parts = { active: 'LPUSH', completed: 'ZADD', failed: 'ZADD' };
  for (const [part, command] of Object.entries(parts)) {
    const id = await add();
    await redis.call('LREM', 'bull:mail:wait', 1, id);
    await redis.call(command, `bull:mail:${part}`, ...(command === 'ZADD' ? [1] : []), id);
    const before = await readKeyspace(redis);
    expect(await edit(id, { payload: 1, priority: 1, delayMs: 1 }), part).toBe('taken');
    expect(await readKeyspace(redis), part).toEqual(before);
  }
  expect(await edit('j_nothing', { payload: 1 })).toBe('missing');
});

it('loses no edit of several at the same time', async () => {
  const id = await add();
  await Promise.all([
    edit(id, { priority: 5 }),
    edit(id, { payload: 'new' }),
    edit(id, { delayMs: 1000 }),
    edit(id, { priority: 5, payload: 'new' }),
  ]);
  expect(await hash(id)).toMatchObject({ priority: '5', data: '"new"', delay: '1000' });
  expect(await optionsOf(id)).toMatchObject({ priority: 5, delay: 1000 });
});

it('edits the job that a worker then runs, or is refused: whoever comes first', async () => {
  const ids = await Promise.all(Array.from({ length: 100 }, () => add({ payload: 'old' })));
  const seen = new Map<string, string>();
  const all = Promise.withResolvers<void>();
  const run = async ({ id, data }: { id?: string; data: string }): Promise<void> => {
    seen.set(id!, data);
    if (seen.size === ids.length) all.resolve();
  };
  const worker = new Worker('mail', run, { connection: { path: server.socketPath }, concurrency: 3 });
  onTestFinished(() => worker.close());
  await worker.waitUntilReady();
  // From the far end of the line, towards the worker.
  const answers = new Map<string, string>();
  for (const id of ids.toReversed()) answers.set(id, await edit(id, { payload: 'new' }));
  await all.promise;
  for (const id of ids) expect(seen.get(id)).toBe(answers.get(id) === 'done' ? 'new' : 'old');
});

it('leaves every job in one place, whatever is asked for', async () => {
  const change = fc.record(
    {
      payload: fc.jsonValue() as fc.Arbitrary<string>,
      priority: fc.constantFrom(0, 1, 2_097_151),
      delayMs: fc.constantFrom(0, 1, 3_600_000),
    },
    { requiredKeys: [] },
  );
  const first = fc.record({ delayMs: fc.constantFrom(0, 60_000), priority: fc.constantFrom(0, 4) });
  await fc.assert(
    fc.asyncProperty(first, fc.array(change, { maxLength: 5 }), async (parts, changes) => {
      const id = await add(parts);
      const expected = { ...parts };
      for (const each of changes) {
        expect(await edit(id, each)).toBe('done');
        Object.assign(expected, each);
      }
      const places = [...(await waiting()), ...(await sorted('prioritized')), ...(await sorted('delayed'))];
      expect(places).toEqual([id]);
      const place = expected.delayMs > 0 ? 'delayed' : expected.priority > 0 ? 'prioritized' : 'wait';
      expect(await redis.call('EXISTS', `bull:mail:${place}`), place).toBe(1);
      expect(await hash(id)).toMatchObject({
        delay: String(expected.delayMs),
        priority: String(expected.priority),
      });
      await redis.call('FLUSHALL');
    }),
    { numRuns: 100 },
  );
});
