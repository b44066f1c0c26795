import { Queue } from 'bullmq';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { addJobs } from '../../src/broker/add-jobs.ts';
import type { NewJob } from '../../src/broker/new-job.ts';
import { createKeys } from '../../src/broker/keys.ts';
import { openLastingRedis } from '../../src/broker/lasting-redis.ts';
import { openQuickRedis } from '../../src/broker/quick-redis.ts';
import type { Redis } from '../../src/broker/redis.ts';
import { parseTarget } from '../../src/broker/target.ts';
import { readKeyspace } from '../helpers/keyspace.ts';
import { newJob } from '../helpers/new-job.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';

const NOW = Date.parse('2026-11-22T10:00:00Z');

let server: TestRedis;
let redis: Redis;

beforeAll(async () => {
  server = await startRedis();
  redis = await openLastingRedis(parseTarget(server.url, 'test'));
});
afterEach(() => redis.call('FLUSHALL'));
afterAll(async () => {
  await redis.close();
  await server.stop();
});

const add = async (jobs: readonly NewJob[], over = redis, keys = createKeys('bull')) =>
  (await addJobs({ redis: over, keys, target: {} } as never, jobs)).map(({ id }) => id);

const idsIn = async (key: string) => (await redis.call('LRANGE', `bull:mail:${key}`, 0, -1)) as string[];

describe('beside BullMQ itself', () => {
  const keep = { age: 3600, count: 100 };
  const dedupe = fc.record({
    key: fc.constantFrom('x', 'y'),
    ttlMs: fc.option(fc.integer({ min: 60_000 }), { nil: undefined }),
  });
  /** What of a queue's settings decides whether a new job may run at once. */
  const settings = fc.constantFrom(
    [],
    ['paused', '1'],
    ['concurrency', '1'],
    ['concurrency', '2', 'opts.maxLenEvents', '100'],
  );

  function openTheirs(): Queue {
    // BullMQ takes the time from the clock.
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const connection = { path: server.socketPath };
    const queue = new Queue('mail', { connection, prefix: 'theirs', skipMetasUpdate: true });
    onTestFinished(() => queue.close());
    return queue;
  }

  /** The same job by BullMQ's own means. */
  async function addByEngine(queue: Queue, job: NewJob): Promise<string> {
    const { type, delayMs, jitter } = job.backoff;
    vi.setSystemTime(job.createdAt);
    const options = {
      jobId: job.id,
      attempts: job.attempts,
      backoff: { type, delay: delayMs, jitter },
      removeOnComplete: { ...keep, count: job.keepCompleted.count },
      removeOnFail: false,
      ...(job.delayMs > 0 ? { delay: job.delayMs } : {}),
      ...(job.priority > 0 ? { priority: job.priority } : {}),
      ...(job.dedupe
        ? {
            deduplication: { id: job.dedupe.key, ...(job.dedupe.ttlMs === undefined ? {} : { ttl: job.dedupe.ttlMs }) },
          }
        : {}),
      // BullMQ keeps what it does not know.
      jq: job.extras,
    };
    const added = await queue.add(job.type, job.payload, options);
    return added.id!;
  }

  /** What is under a prefix, with the options of jobs as objects: their keys may stand in any order. */
  async function stored(prefix: string): Promise<Record<string, unknown>> {
    const keyspace = await readKeyspace(redis, `${prefix}:*`);
    return Object.fromEntries(
      Object.entries(keyspace).map(([key, value]) => [
        key.slice(prefix.length),
        value !== null && typeof value === 'object' && 'opts' in value
          ? { ...value, opts: JSON.parse(value.opts as string) as unknown }
          : value,
      ]),
    );
  }

  it.each([
    ['one by one, or some with a deduplication key', fc.option(dedupe, { nil: undefined })],
    ['many at once', fc.constant(undefined)],
  ])('makes the same hashes, sets and events, whatever is asked for: %s', async (_name, dedupeOrNot) => {
    const job = fc.record<Partial<NewJob>>({
      id: fc.constantFrom('j_a', 'j_b', 'j_c', 'j_d', 'j_e'),
      type: fc.constantFrom('send-email', 'mail/welcome'),
      payload: fc.jsonValue() as fc.Arbitrary<NewJob['payload']>,
      createdAt: fc.integer({ min: NOW, max: NOW + 10_000 }),
      delayMs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 10 ** 9 })),
      priority: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 2_097_151 })),
      attempts: fc.integer({ min: 1, max: 1000 }),
      backoff: fc.record({
        type: fc.constantFrom('exponential', 'fixed'),
        delayMs: fc.nat(10 ** 6),
        jitter: fc.constantFrom(0, 0.2, 1),
      }),
      dedupe: dedupeOrNot,
      extras: fc.record({ timeoutMs: fc.nat(), expiresAt: fc.nat() }, { requiredKeys: ['timeoutMs'] }),
    });
    const queue = openTheirs();
    const keys = createKeys('ours');

    await fc.assert(
      fc.asyncProperty(fc.array(job, { minLength: 1, maxLength: 6 }), settings, async (parts, meta) => {
        await redis.call('FLUSHALL');
        for (const prefix of ['ours', 'theirs']) {
          await redis.call('HSET', `${prefix}:mail:meta`, 'version', 'bullmq:6.7.0', ...meta);
          await redis.call('LPUSH', `${prefix}:mail:active`, 'j_running');
        }
        const jobs = parts.map((part) => newJob({ ...part, keepCompleted: { ageMs: 3_600_000, count: 100 } }));
        const theirs: string[] = [];
        for (const each of jobs) theirs.push(await addByEngine(queue, each));
        expect(await add(jobs, redis, keys)).toEqual(theirs);
        expect(await stored('ours')).toEqual(await stored('theirs'));
      }),
      { numRuns: 60 },
    );
  });

  it('keeps as many old events of many jobs, and makes runs of those that differ in no more than id and payload', async () => {
    const queue = openTheirs();
    for (const prefix of ['ours', 'theirs']) {
      await redis.call('HSET', `${prefix}:mail:meta`, 'version', 'bullmq:6.7.0', 'opts.maxLenEvents', '100');
    }
    const changes: Partial<NewJob>[] = [
      { type: 'mail/welcome' },
      { createdAt: NOW + 1 },
      { delayMs: 1000 },
      { priority: 2 },
      { attempts: 9 },
      { backoff: { type: 'fixed', delayMs: 7, jitter: 0 } },
      { keepCompleted: { ageMs: 3_600_000, count: 99 } },
      { extras: { timeoutMs: 1 } },
      { extras: { timeoutMs: 30_000, by: 'ada' } },
    ];
    const jobs = Array.from({ length: 300 }, (_, index) =>
      newJob({
        id: `j_${index % 290}`,
        createdAt: NOW,
        payload: { index },
        keepCompleted: { ageMs: 3_600_000, count: 100 },
        // By turns as all others and in one thing different, and so many alike at the end that old events go.
        ...(index < 150 && index % 4 < 2 && changes[Math.floor(index / 4) % changes.length]),
      }),
    );
    for (const each of jobs) await addByEngine(queue, each);
    await add(jobs, redis, createKeys('ours'));
    const [ours, theirs] = [await stored('ours'), await stored('theirs')];
    expect(ours).toEqual(theirs);
    expect((ours[':mail:events'] as unknown[]).length).toBeLessThan(jobs.length);
  });

  it('leaves a deduplication key as long as BullMQ does', async () => {
    await add([newJob({ dedupe: { key: 'x', ttlMs: 60_000 } }), newJob({ dedupe: { key: 'y', ttlMs: undefined } })]);
    expect(await redis.call('PTTL', 'bull:mail:de:x')).toBeGreaterThan(50_000);
    expect(await redis.call('PTTL', 'bull:mail:de:y')).toBe(-1);
  });

  it('makes queues that its tools find', async () => {
    await add([newJob(), newJob({ queue: 'reports' })]);
    expect(await redis.call('HGET', 'bull:reports:meta', 'version')).toBe('bullmq:6.7.0');
    await redis.call('HSET', 'bull:mail:meta', 'version', 'bullmq:5.0.0');
    await add([newJob()]);
    expect(await redis.call('HGET', 'bull:mail:meta', 'version')).toBe('bullmq:5.0.0');
  });
});

describe.each([
  ['quick', openQuickRedis],
  ['lasting', openLastingRedis],
] as const)('over a %s connection', (_kind, openRedis) => {
  const open = async () => {
    const connection = await openRedis(parseTarget(server.url, 'test'));
    onTestFinished(() => connection.close());
    return connection;
  };

  it('stores 2,400 jobs in one call, in order', async () => {
    const jobs = Array.from({ length: 2400 }, () => newJob());
    const ids = jobs.map(({ id }) => id);
    expect(await add(jobs, await open())).toEqual(ids);
    expect((await idsIn('wait')).toReversed()).toEqual(ids);
  });

  it('stores large ones, more than one call holds, in order', async () => {
    const payload = { text: 'x'.repeat(6_000_000) };
    const jobs = Array.from({ length: 4 }, () => newJob({ payload }));
    await add(jobs, await open());
    expect((await idsIn('wait')).toReversed()).toEqual(jobs.map(({ id }) => id));
    expect(await redis.call('GET', 'bull:mail:id')).toBe('4');
    for (const { id } of jobs) {
      expect(await redis.call('HSTRLEN', `bull:mail:${id}`, 'data')).toBe(JSON.stringify(payload).length);
    }
  });

  it('sends its scripts again to a Redis that has forgotten them', async () => {
    const connection = await open();
    const kinds: Partial<NewJob>[] = [{}, { delayMs: 1000 }, { priority: 1 }];
    for (const parts of kinds) {
      await redis.call('SCRIPT', 'FLUSH');
      await add([newJob(parts)], connection);
    }
    await redis.call('SCRIPT', 'FLUSH');
    await add(kinds.map(newJob), connection);
    expect(await redis.call('ZCARD', 'bull:mail:delayed')).toBe(2);
    expect(await redis.call('ZCARD', 'bull:mail:prioritized')).toBe(2);
    expect(await idsIn('wait')).toHaveLength(2);
  });

  it('stores no job twice when it is asked again, as after an answer that got lost', async () => {
    const connection = await open();
    const jobs = [newJob(), newJob({ delayMs: 1000 }), newJob({ priority: 3 })];
    const ids = await add(jobs, connection);
    expect(await add(jobs, connection)).toEqual(ids);
    expect(await add([jobs[0]!], connection)).toEqual([ids[0]]);
    expect(await idsIn('wait')).toEqual([ids[0]]);
    expect(await redis.call('ZCARD', 'bull:mail:delayed')).toBe(1);
  });

  it.each([1, 3])('says so when the key of a job is something else, among %d', async (amount) => {
    const connection = await open();
    const jobs = Array.from({ length: amount }, () => newJob());
    await redis.call('SET', `bull:mail:${jobs[0]!.id}`, 'planted');
    await expect(add(jobs, connection)).rejects.toMatchObject({ name: 'ReplyError', kind: 'WRONGTYPE' });
  });

  it.each([1, 3])('is refused by a Redis that is full, and has stored none of %d', async (amount) => {
    const connection = await open();
    await add([newJob({ queue: 'other' })], connection);
    await redis.call('CONFIG', 'SET', 'maxmemory', '1');
    onTestFinished(async () => {
      await redis.call('CONFIG', 'SET', 'maxmemory', '0');
    });
    await expect(
      add(
        Array.from({ length: amount }, () => newJob()),
        connection,
      ),
    ).rejects.toMatchObject({
      code: 'REDIS_REFUSED',
      message: expect.stringMatching(/refused: it is out of memory$/) as string,
    });
    expect(await redis.call('KEYS', 'bull:mail:j_*')).toEqual([]);
  });
});
