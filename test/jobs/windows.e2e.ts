import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Project } from '../../src/jobs/project.ts';
import { findNewest, groupRecent } from '../../src/jobs/recent-groups.ts';
import { watchEvents } from '../../src/jobs/watch-events.ts';
import { withHolds } from '../../src/jobs/holds.ts';
import { limitedFor } from '../../src/jobs/limit-queue.ts';
import { latestJobs } from '../../src/jobs/latest-jobs.ts';
import { windowJobs } from '../../src/jobs/window-jobs.ts';
import { type PlantedJob, plantJobs } from '../helpers/plant-jobs.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { openTestProject } from '../helpers/test-project.ts';

const AT = Date.UTC(2025, 0, 1);

let redis: TestRedis;
let project: Project;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

beforeEach(async () => {
  project = await openTestProject(redis);
  await project.broker.redis.call('FLUSHALL');
});

const plant = (...jobs: PlantedJob[]) => plantJobs(project.broker.redis, jobs);
const some = (amount: number, changes: (index: number) => Partial<PlantedJob>): PlantedJob[] =>
  Array.from({ length: amount }, (_, index) => ({
    id: `${index}`,
    state: 'failed',
    createdAt: AT + index * 1000,
    score: AT + index * 1000,
    ...changes(index),
  }));
const ids = async (place: Partial<Parameters<typeof windowJobs>[1]>) =>
  (await windowJobs(project, { state: 'failed', order: 'newest', start: 0, amount: 3, ...place })).jobs.map(
    ({ queue, id }) => `${queue} ${id}`,
  );

describe('a window over the jobs of a state', () => {
  test.each(['waiting', 'active', 'delayed', 'completed', 'failed', 'prioritized'] as const)(
    'of one queue: %s, anywhere, in both directions',
    async (state) => {
      await plant(...some(100, () => ({ state })));
      expect(await ids({ state })).toEqual(['mail 99', 'mail 98', 'mail 97']);
      expect(await ids({ state, start: 50 })).toEqual(['mail 49', 'mail 48', 'mail 47']);
      expect(await ids({ state, order: 'oldest' })).toEqual(['mail 0', 'mail 1', 'mail 2']);
      expect(await ids({ state, order: 'oldest', start: 97 })).toEqual(['mail 97', 'mail 98', 'mail 99']);
      // Further than there is: the last ones.
      expect(await ids({ state, start: 5000 })).toEqual(['mail 2', 'mail 1', 'mail 0']);
    },
  );

  test.each(['waiting', 'delayed', 'failed'] as const)('of several queues: %s, by time', async (state) => {
    await plant(...some(20, (index) => ({ state, queue: index % 2 ? 'odd' : 'even' })));
    expect(await ids({ state })).toEqual(['odd 19', 'even 18', 'odd 17']);
    expect(await ids({ state, start: 17 })).toEqual(['even 2', 'odd 1', 'even 0']);
    expect(await ids({ state, order: 'oldest' })).toEqual(['even 0', 'odd 1', 'even 2']);
    expect(await ids({ state, queue: 'odd' })).toEqual(['odd 19', 'odd 17', 'odd 15']);
  });

  test('tells how many there are, and of several queues how far it can go', async () => {
    await plant(...some(1500, (index) => ({ queue: index % 2 ? 'odd' : 'even' })));
    const both = await windowJobs(project, { state: 'failed', order: 'newest', start: 1400, amount: 3 });
    expect(both).toMatchObject({ start: 997, total: 1500, reach: 1000, counts: { failed: 1500, waiting: 0 } });
    const one = await windowJobs(project, { queue: 'odd', state: 'failed', order: 'newest', start: 0, amount: 3 });
    expect(one).toMatchObject({ total: 750, reach: 750 });
  });

  test('reads no payload and no result', async () => {
    await plant({ id: 'a', state: 'completed', payload: { large: 'x'.repeat(1000) }, fields: { returnvalue: '7' } });
    const { jobs } = await windowJobs(project, { state: 'completed', order: 'newest', start: 0, amount: 1 });
    expect(jobs[0]).toMatchObject({ id: 'a', payload: null, result: null });
  });

  test('a queue that does not exist', async () => {
    await expect(ids({ queue: 'nowhere' })).rejects.toMatchObject({ code: 'UNKNOWN_QUEUE' });
  });
});

describe('a window over the jobs of all states', () => {
  const latest = async (place: Partial<Parameters<typeof latestJobs>[1]> = {}) =>
    (await latestJobs(project, { start: 0, amount: 4, ...place })).jobs.map(({ id, state }) => `${id} ${state}`);

  test('what was added, started or ended last comes first, whatever its state', async () => {
    const at = (seconds: number) => ({ createdAt: AT, score: AT + seconds * 1000 });
    await plant(
      { id: 'done', state: 'completed', ...at(40) },
      { id: 'dead', state: 'failed', ...at(10) },
      { id: 'runs', state: 'active', createdAt: AT, fields: { processedOn: AT + 30_000 } },
      { id: 'again', state: 'delayed', createdAt: AT, score: AT + 90_000, fields: { processedOn: AT + 50_000 } },
      { id: 'urgent', state: 'prioritized', createdAt: AT + 20_000, score: 1 },
      { id: 'new', state: 'waiting', createdAt: AT + 60_000 },
    );
    const all = ['new waiting', 'again delayed', 'done completed', 'runs active', 'urgent prioritized', 'dead failed'];
    expect(await latest({ amount: 6 })).toEqual(all);
    expect(await latest({ start: 2, amount: 2 })).toEqual(all.slice(2, 4));
    expect(await latest({ start: 50 })).toEqual(all.slice(2));
    expect(await latestJobs(project, { start: 0, amount: 1 })).toMatchObject({
      total: 6,
      reach: 6,
      counts: { waiting: 1, failed: 1, 'waiting-children': 0 },
    });
  });

  test('however many there are in a state and however they are spread over queues, none of the latest is left out', async () => {
    const states = ['completed', 'failed', 'waiting', 'active'] as const;
    await plant(
      ...some(1200, (index) => ({
        // The first hundred by turns; all that is later of one state of one queue.
        state: index < 100 ? states[index % 4]! : 'completed',
        queue: index < 100 ? `q${index % 7}` : 'q1',
      })),
    );
    const both = await latestJobs(project, { start: 0, amount: 1200 });
    expect(both).toMatchObject({ start: 0, total: 1200, reach: 1000 });
    expect(both.jobs.map(({ id }) => Number(id))).toEqual(Array.from({ length: 1000 }, (_, index) => 1199 - index));
    expect((await latestJobs(project, { queue: 'q2', start: 0, amount: 2 })).jobs.map(({ id }) => id)).toEqual([
      '93',
      '86',
    ]);
  });

  test('a job that was due before others waits for none of them', async () => {
    const later = some(100, () => ({ state: 'delayed', createdAt: AT, score: AT + 9e9 }));
    await plant(...later, { id: 'soon', state: 'delayed', createdAt: AT + 5000, score: AT + 6000 });
    expect((await latest({ amount: 1 }))[0]).toBe('soon delayed');
  });

  test('markers and sets of another kind are no jobs', async () => {
    await plant({ id: 'a', state: 'waiting', createdAt: AT });
    await project.broker.redis.call('RPUSH', 'bull:mail:paused', '0:123', 'a');
    await project.broker.redis.call('SET', 'bull:mail:completed', 'no set');
    expect(await latest()).toEqual(['a waiting']);
  });

  test('a queue that does not exist', async () => {
    await expect(latest({ queue: 'nowhere' })).rejects.toMatchObject({ code: 'UNKNOWN_QUEUE' });
  });
});

test('how jobs that run are held, and for how long yet a reached rate lets none start', async () => {
  const { redis: connection } = project.broker;
  const fields = { ats: 4, stc: 1, pb: 'theirs' };
  await plant({ id: 'held', state: 'active', fields }, { id: 'alone', state: 'active' });
  await connection.call('SET', 'bull:mail:held:lock', 'token', 'PX', 30_000);
  const { jobs } = await windowJobs(project, { state: 'active', order: 'oldest', start: 0, amount: 2 });
  const [held, alone] = await withHolds(project, jobs);
  expect(held).toMatchObject({ id: 'held', starts: 4, stalls: 1, worker: 'theirs' });
  expect(held!.heldMs).toBeGreaterThan(20_000);
  expect(alone).toMatchObject({ id: 'alone', heldMs: 0, starts: 0, stalls: 0, worker: null });

  expect(await limitedFor(project, 'mail')).toBe(0);
  await connection.call('SET', 'bull:mail:limiter', 3, 'PX', 60_000);
  // What workers are limited to themselves is not known here.
  expect(await limitedFor(project, 'mail')).toBe(0);
  await connection.call('HSET', 'bull:mail:meta', 'max', 4, 'duration', 60_000);
  expect(await limitedFor(project, 'mail')).toBe(0);
  await connection.call('INCR', 'bull:mail:limiter');
  expect(await limitedFor(project, 'mail')).toBeGreaterThan(50_000);
  await connection.call('DEL', 'bull:mail:limiter');
  await connection.call('LPUSH', 'bull:mail:limiter', 'no number');
  expect(await limitedFor(project, 'mail')).toBe(0);
});

describe('groups of the newest dead letters', () => {
  const fields = (error: string) => ({ failedReason: error, stacktrace: JSON.stringify([`Error: ${error}`]) });

  test('of few they are of all', async () => {
    await plant(...some(10, (index) => ({ fields: fields(index < 7 ? `no ${index}` : 'out of paper') })));
    const { groups, dead, since } = await groupRecent(project, { whole: false });
    expect(groups.map(({ error, count }) => [error, count])).toEqual([
      ['no <n>', 7],
      ['out of paper', 3],
    ]);
    expect({ dead, since }).toEqual({ dead: 10, since: null });
  });

  test('of many only so many are looked at, also over several queues, and all on request', async () => {
    for (const queue of ['a', 'b']) await plant(...some(6000, () => ({ queue, fields: fields('out of paper') })));
    await plant(...some(3, () => ({ queue: 'small', fields: fields('image 0x0'), score: AT + 1e9 })));
    const few = await groupRecent(project, { whole: false });
    expect(few.dead).toBe(12_003);
    expect(few.total).toBeGreaterThan(4900);
    expect(few.total).toBeLessThan(5100);
    expect(few.groups.map(({ error }) => error)).toEqual(['out of paper', 'image <n>x0']);
    expect(await findNewest(project, 'small')).toEqual({ dead: 3, since: null });
    expect(await groupRecent(project, { whole: true })).toMatchObject({ total: 12_003, dead: 12_003, since: null });
  });
});

describe('events', () => {
  let place = 0;
  const add = (queue: string, ...fields: string[]) =>
    project.broker.redis.call('XADD', `bull:${queue}:events`, `${(place += 1)}-0`, ...fields);

  test('the last ones with the first look, then each new one once, of all queues in the order of time', async () => {
    await plant({ id: '1', state: 'waiting', queue: 'a' }, { id: '2', state: 'waiting', queue: 'b' });
    for (let index = 0; index < 150; index += 1) await add('a', 'event', 'progress', 'jobId', '1', 'data', `${index}`);
    const watch = watchEvents(project);
    const first = await watch.look();
    expect(first.map(({ detail }) => detail)).toEqual(Array.from({ length: 100 }, (_, index) => `${index + 50}`));
    expect(await watch.look()).toEqual([]);

    await add('b', 'event', 'failed', 'jobId', '2', 'failedReason', 'no paper', 'prev', 'active');
    await add('a', 'event', 'paused');
    const next = await watch.look();
    expect(next).toMatchObject([
      { queue: 'b', name: 'failed', jobId: '2', detail: 'no paper' },
      { queue: 'a', name: 'paused', jobId: null, detail: '' },
    ]);
    expect(new Set([...first, ...next].map(({ key }) => key)).size).toBe(102);
  });

  test('of one queue, which may have none', async () => {
    await plant({ id: '1', state: 'waiting', queue: 'a' }, { id: '2', state: 'waiting', queue: 'b' });
    const watch = watchEvents(project, 'b');
    await add('a', 'event', 'completed', 'jobId', '1');
    expect(await watch.look()).toEqual([]);
    await add('b', 'event', 'active', 'jobId', '2', 'prev', 'waiting');
    expect(await watch.look()).toMatchObject([{ queue: 'b', name: 'active', detail: 'was waiting' }]);
  });
});
