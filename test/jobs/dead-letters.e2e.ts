import { Queue } from 'bullmq';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { openQuickRedis } from '../../src/broker/quick-redis.ts';
import type { Redis } from '../../src/broker/redis.ts';
import { parseTarget } from '../../src/broker/target.ts';
import {
  countDeadLetters,
  type DeadLetterFilter,
  listDeadLetters,
  removeDeadLetters,
  replayDeadLetters,
} from '../../src/jobs/dead-letters.ts';
import type { Project } from '../../src/jobs/project.ts';
import { readKeyspace } from '../helpers/keyspace.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { openTestProject } from '../helpers/test-project.ts';

let server: TestRedis;
let redis: Redis;
let project: Project;

beforeAll(async () => {
  server = await startRedis();
  redis = await openQuickRedis(parseTarget(server.url, 'test'));
});
beforeEach(async () => {
  project = await openTestProject(server, { config: { queues: { mail: {}, reports: {} } } });
});
afterEach(() => redis.call('FLUSHALL'));
afterAll(async () => {
  await redis.close();
  await server.stop();
});

interface Letter {
  id: string;
  queue?: string;
  type?: string;
  diedAt?: number;
  error?: string | null;
  payload?: object;
}

const plant = async (letters: readonly Letter[]): Promise<void> => {
  await redis.pipeline(
    letters.flatMap(({ id, queue = 'mail', type = 'send-email', diedAt = 1000, error = 'boom', payload = {} }) => [
      ['HSETNX', `bull:${queue}:meta`, 'version', 'bullmq:6.7.0'],
      ['ZADD', `bull:${queue}:failed`, diedAt, id],
      [
        'HSET',
        `bull:${queue}:${id}`,
        'name',
        type,
        'data',
        JSON.stringify(payload),
        'timestamp',
        1,
        'finishedOn',
        diedAt,
      ],
      ...(error === null ? [] : [['HSET', `bull:${queue}:${id}`, 'failedReason', error]]),
    ]),
  );
};

const idsOf = async (filter: DeadLetterFilter): Promise<string[]> =>
  (await listDeadLetters(project, filter, { limit: 100 })).jobs.map(({ id }) => id);

describe('a filter', () => {
  beforeEach(() =>
    plant([
      { id: 'a', diedAt: 100, error: 'connect ECONNREFUSED 10.0.0.1' },
      { id: 'b', diedAt: 200, error: '550 No such mailbox', payload: { to: 'ada@example.com' } },
      { id: 'c', diedAt: 300, queue: 'reports', type: 'report', error: null },
      { id: 'd', diedAt: 400, type: 'mail/welcome', error: 'connect econnrefused [::1]' },
    ]),
  );

  it.each<[string, DeadLetterFilter, string[]]>([
    ['nothing', {}, ['d', 'c', 'b', 'a']],
    ['a queue', { queue: 'reports' }, ['c']],
    ['a queue without any', { queue: 'default' }, []],
    ['a type', { type: 'send-email' }, ['b', 'a']],
    ['a part of the error, in any case', { error: 'econnREFUSED' }, ['d', 'a']],
    ['an error that is no pattern', { error: '[::1]' }, ['d']],
    ['a time, from', { since: 200 }, ['d', 'c', 'b']],
    ['a time, up to', { until: 200 }, ['b', 'a']],
    ['a time between', { since: 150, until: 350 }, ['c', 'b']],
    ['a time that is not', { since: 350, until: 150 }, []],
    ['ids', { ids: ['a', 'd', 'a'] }, ['d', 'a']],
    ['ids and more', { ids: ['a', 'd'], error: '10.0.0.1' }, ['a']],
    ['no ids at all', { ids: [] }, []],
    ['a query', { where: 'type:send-*,report !error:mailbox' }, ['c', 'a']],
    ['a query about what no scan reads', { where: 'payload.to:ada@example.com', type: 'send-email' }, ['b']],
    ['a query of another state', { where: 'state:waiting' }, []],
    ['all of these', { queue: 'mail', type: 'send-email', error: 'boom', since: 1 }, []],
  ])('by %s', async (_name, filter, ids) => {
    expect(await idsOf(filter)).toEqual(ids);
    expect(await countDeadLetters(project, filter)).toMatchObject({ total: ids.length });
    expect((await listDeadLetters(project, filter, { limit: 1, offset: 1 })).jobs.map(({ id }) => id)).toEqual(
      ids.slice(1, 2),
    );
    expect((await removeDeadLetters(project, filter)).removed).toBe(ids.length);
    expect((await idsOf({})).toSorted()).toEqual(['a', 'b', 'c', 'd'].filter((id) => !ids.includes(id)));
  });

  it('counts by queue, with the oldest as samples', async () => {
    const { total, byQueue, samples } = await countDeadLetters(project, {});
    expect({ total, byQueue }).toEqual({ total: 4, byQueue: { mail: 3, reports: 1 } });
    expect(samples.map(({ id, error }) => [id, error])).toContainEqual(['c', null]);
  });

  it.each([replayDeadLetters, removeDeadLetters, countDeadLetters])(
    'that names what is not there touches nothing: %o',
    async (act) => {
      const before = await readKeyspace(redis, 'bull:*');
      await expect(act(project, { ids: ['a', 'never'] })).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
      await expect(act(project, { queue: 'reprots' })).rejects.toMatchObject({ code: 'UNKNOWN_QUEUE' });
      await expect(act(project, { where: 'attempts:many' })).rejects.toMatchObject({ code: 'USAGE' });
      expect(await readKeyspace(redis, 'bull:*')).toEqual(before);
    },
  );

  it('passes over ids that are jobs, but not dead', async () => {
    const queue = new Queue('mail', { connection: { path: server.socketPath } });
    onTestFinished(() => queue.close());
    await queue.add('x', {}, { jobId: 'alive' });
    expect(await replayDeadLetters(project, { ids: ['a', 'alive'] })).toMatchObject({ replayed: 1 });
  });
});

describe('replay', () => {
  const many = (amount: number): Letter[] =>
    Array.from({ length: amount }, (_, index) => ({ id: `d${index}`, diedAt: 5000 }));

  it('puts back each of 3,000 that died at the same time, once', async () => {
    await plant(many(3000));
    let seen = 0;
    const { replayed, batch } = await replayDeadLetters(project, {}, { onProgress: (done) => (seen = done) });
    expect([replayed, seen]).toEqual([3000, 3000]);
    expect(await redis.call('LLEN', 'bull:mail:wait')).toBe(3000);
    expect(await redis.call('ZCARD', 'bull:mail:failed')).toBe(0);
    const marks = await redis.pipeline(many(3000).map(({ id }) => ['HGET', `bull:mail:${id}`, 'jq:replayed']));
    expect(new Set(marks.map(String))).toEqual(new Set([`1 ${batch}`]));
    expect(await replayDeadLetters(project, {})).toMatchObject({ replayed: 0 });
  });

  it('takes no more than it is allowed, the oldest first', async () => {
    await plant([
      { id: 'new', diedAt: 300 },
      { id: 'old', diedAt: 100 },
      { id: 'middle', diedAt: 200 },
    ]);
    expect(await replayDeadLetters(project, {}, { limit: 2 })).toMatchObject({ replayed: 2 });
    expect(await idsOf({})).toEqual(['new']);
    expect(await replayDeadLetters(project, {}, { limit: 0 })).toMatchObject({ replayed: 0 });
  });

  it('takes them in small steps when the rate is limited', async () => {
    await plant(many(30));
    const steps: number[] = [];
    await replayDeadLetters(project, {}, { ratePerSecond: 100, onProgress: (done) => void steps.push(done) });
    expect(steps).toEqual([10, 20, 30]);
  });

  it('stops between two batches when it is told to, and goes on from there', async () => {
    await plant(many(2000));
    const controller = new AbortController();
    const first = await replayDeadLetters(
      project,
      {},
      { signal: controller.signal, onProgress: () => controller.abort() },
    );
    // The batch that was under way is done to its end.
    expect([250, 500]).toContain(first.replayed);
    expect(await replayDeadLetters(project, {})).toMatchObject({ replayed: 2000 - first.replayed });
    expect(await redis.call('LLEN', 'bull:mail:wait')).toBe(2000);
  });

  it('stops at once when it waits for its rate', async () => {
    await plant(many(3));
    const controller = new AbortController();
    const options = { ratePerSecond: 0.001, signal: controller.signal, onProgress: () => controller.abort() };
    expect(await replayDeadLetters(project, {}, options)).toMatchObject({ replayed: 1 });
  });

  it('does not take those that die meanwhile, whatever time is asked for', async () => {
    const later = Date.now() + 60_000;
    await plant([{ id: 'now' }, { id: 'later', diedAt: later }]);
    expect(await replayDeadLetters(project, { until: later + 1 })).toMatchObject({ replayed: 1 });
    expect(await idsOf({})).toEqual(['later']);
  });

  it('by several at once puts each back once', async () => {
    await plant(many(1000));
    const runs = await Promise.all([1, 2, 3].map(() => replayDeadLetters(project, {})));
    expect(runs.reduce((sum, { replayed }) => sum + replayed, 0)).toBe(1000);
    expect(await redis.call('LLEN', 'bull:mail:wait')).toBe(1000);
  });
});

describe('the audit', () => {
  const audit = async () =>
    ((await redis.call('LRANGE', 'jq:bull:audit', 0, -1)) as string[]).map((line) => JSON.parse(line) as object);

  it('has a line for each replay and removal that did something, newest first', async () => {
    await plant([{ id: 'a' }, { id: 'b', type: 'other' }]);
    const { batch } = await replayDeadLetters(project, { type: 'other' });
    await removeDeadLetters(project, {});
    await removeDeadLetters(project, {});
    const who = expect.stringMatching(/^.+@.+$/) as string;
    const at = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string;
    expect(await audit()).toEqual([
      { at, who, what: 'remove', filter: {}, count: 1 },
      { at, who, what: 'replay', id: batch, filter: { type: 'other' }, count: 1, byQueue: { mail: 1 } },
    ]);
  });
});
