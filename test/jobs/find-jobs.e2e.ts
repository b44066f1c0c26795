import { FlowProducer, Queue } from 'bullmq';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { countJobs, getJob, getJobDetail, getJobLogs } from '../../src/jobs/find-jobs.ts';
import { JOB_STATES, type JobState, STATUS_STATES, statusOf } from '../../src/jobs/job.ts';
import { type FittingQuery, listFitting } from '../../src/jobs/list-fitting.ts';
import { listJobs } from '../../src/jobs/list-jobs.ts';
import type { Project } from '../../src/jobs/project.ts';
import { openTestProject } from '../helpers/test-project.ts';
import { useRedis } from '../helpers/use-redis.ts';

const { server, redis } = await useRedis();

function openQueue(name: string): Queue {
  const queue = new Queue(name, { connection: { path: server.socketPath } });
  onTestFinished(() => queue.close());
  return queue;
}

const SETS: Record<JobState, { key: string; list: boolean }> = {
  waiting: { key: 'wait', list: true },
  active: { key: 'active', list: true },
  prioritized: { key: 'prioritized', list: false },
  delayed: { key: 'delayed', list: false },
  'waiting-children': { key: 'waiting-children', list: false },
  completed: { key: 'completed', list: false },
  failed: { key: 'failed', list: false },
};

interface Planted {
  queue: string;
  state: JobState;
  type: string;
  createdAt: number;
  /** Where it stands in a sorted set. */
  score: number;
}

/** Puts jobs into their states as BullMQ would have, without having run them. */
async function plant(jobs: readonly Planted[]): Promise<string[]> {
  const ids = jobs.map((_job, index) => `p${index}`);
  const finished = (job: Planted) =>
    job.state === 'completed' || job.state === 'failed' ? ['finishedOn', job.score] : [];
  await redis.pipeline(
    jobs.flatMap((job, index) => {
      const [set, stem] = [SETS[job.state], `bull:${job.queue}:`];
      const id = ids[index]!;
      return [
        ['HSET', `${stem}meta`, 'version', 'bullmq:6.7.0'],
        ['HSET', stem + id, 'name', job.type, 'data', '{}', 'timestamp', job.createdAt, ...finished(job)],
        set.list ? ['LPUSH', stem + set.key, id] : ['ZADD', stem + set.key, job.score, id],
      ];
    }),
  );
  return ids;
}

const list = async (project: Project, query: Partial<FittingQuery> = {}) => {
  const find = query.type === undefined ? listJobs : listFitting;
  const page = await find(project, { limit: 100, offset: 0, ...query });
  return { total: page.total, ids: page.jobs.map(({ id }) => id) };
};

describe('one job', () => {
  it('is found wherever it is, also in a queue of another program', async () => {
    const project = await openTestProject(server);
    await openQueue('foreign').add('their-type', { n: 1 }, { jobId: 'order-7', attempts: 3, priority: 4 });
    expect(await getJob(project, 'order-7')).toMatchObject({
      queue: 'foreign',
      type: 'their-type',
      payload: { n: 1 },
      state: 'prioritized',
      status: 'pending',
      maxAttempts: 3,
      priority: 4,
    });
    expect(await getJob(project, 'order-7', 'foreign')).toMatchObject({ id: 'order-7' });
  });

  it.each(['never', '', 'a:b:c:d', ':', 'meta', 'events', 'wait', 'id', 'repeat:nightly', '*', 'j_\n'])(
    'is not there: %j',
    async (id) => {
      const project = await openTestProject(server);
      const queue = openQueue('mail');
      await queue.add('x', {}, { jobId: 'j_1' });
      await queue.pause();
      await queue.upsertJobScheduler('nightly', { every: 60_000 }, { name: 'x' });
      for (const find of [getJob, getJobDetail, getJobLogs]) {
        await expect(find(project, id)).rejects.toMatchObject({ code: 'JOB_NOT_FOUND', exitCode: 5, httpStatus: 404 });
        await expect(find(project, id, 'mail')).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
      }
    },
  );

  it('is told with its log, its attempts and its replays', async () => {
    const project = await openTestProject(server);
    const job = await openQueue('mail').add('x', {}, { jobId: 'j_1' });
    await job.log('first');
    await job.log('second');
    const stacktrace = JSON.stringify([
      '[attempt 1/2 2026-11-22T10:00:00.000Z host/1 5ms] Error: boom\n at x',
      'Error: old',
    ]);
    await redis.call('HSET', 'bull:mail:j_1', 'stacktrace', stacktrace, 'jq:replayed', '2 r_1');
    expect(await getJobDetail(project, 'j_1')).toMatchObject({
      logs: ['first', 'second'],
      replays: 2,
      failures: [
        { attempt: 1, worker: 'host/1', durationMs: 5, error: 'Error: boom', stack: ['at x'] },
        { attempt: null, at: null, worker: null, durationMs: null, error: 'Error: old', stack: [] },
      ],
    });
    expect(await getJobLogs(project, 'j_1')).toEqual(['first', 'second']);
  });

  it.each(JOB_STATES)('says in which state it is: %s', async (state) => {
    const project = await openTestProject(server);
    const [id] = await plant([{ queue: 'mail', state, type: 'x', createdAt: 5, score: 4096 * 7000 }]);
    expect(await getJob(project, id!)).toMatchObject({ state, status: statusOf(state) });
  });

  it('that no set has is guessed from its times', async () => {
    const project = await openTestProject(server);
    await redis.call('HSET', 'bull:mail:meta', 'version', 'bullmq:6.7.0');
    const stateOf = async (...fields: (string | number)[]) => {
      await redis.call('DEL', 'bull:mail:lost');
      await redis.call('HSET', 'bull:mail:lost', 'name', 'x', 'timestamp', 5, ...fields);
      return (await getJob(project, 'lost')).state;
    };
    expect(await stateOf()).toBe('waiting');
    expect(await stateOf('finishedOn', 7)).toBe('completed');
    expect(await stateOf('finishedOn', 7, 'failedReason', 'boom')).toBe('failed');
  });

  it('of a flow waits for its children', async () => {
    const project = await openTestProject(server);
    const flows = new FlowProducer({ connection: { path: server.socketPath } });
    onTestFinished(() => flows.close());
    await flows.add({
      name: 'parent',
      queueName: 'flows',
      opts: { jobId: 'parent' },
      children: [{ name: 'child', queueName: 'mail' }],
    });
    expect(await getJob(project, 'parent')).toMatchObject({ state: 'waiting-children', status: 'pending' });
  });

  it('of a flow has its parent, its children and what became of them, and the options that it was added with', async () => {
    const project = await openTestProject(server);
    const flows = new FlowProducer({ connection: { path: server.socketPath } });
    onTestFinished(() => flows.close());
    await flows.add({
      name: 'parent',
      queueName: 'flows',
      opts: { jobId: 'parent', priority: 3 },
      children: [1, 2].map((index) => ({ name: 'child', queueName: 'mail', opts: { jobId: `a:${index}:b` } })),
    });
    await redis.call('SMOVE', 'bull:flows:parent:dependencies', 'jq:aside', 'bull:mail:a:2:b');
    await redis.call('HSET', 'bull:flows:parent:processed', 'bull:mail:a:2:b', '{"ok":true}');
    expect(await getJobDetail(project, 'parent')).toMatchObject({
      options: { priority: 3 },
      parent: null,
      children: [
        { queue: 'mail', id: 'a:1:b', became: 'pending' },
        { queue: 'mail', id: 'a:2:b', became: 'completed' },
      ],
      childCount: 2,
    });
    expect(await getJobDetail(project, 'a:1:b')).toMatchObject({
      parent: { queue: 'flows', id: 'parent' },
      children: [],
      childCount: 0,
    });
  });
});

it('covers each state by one status', () => {
  expect(Object.values(STATUS_STATES).flat().toSorted()).toEqual([...JOB_STATES].toSorted());
});

describe('a list', () => {
  // Few places, so that there are several jobs in most of them.
  const states = ['waiting', 'delayed', 'prioritized', 'failed'] as const;
  const planted = fc.array(
    fc.record<Planted>({
      queue: fc.constantFrom('mail', 'reports'),
      state: fc.constantFrom(...states),
      type: fc.constantFrom('a', 'b'),
      createdAt: fc.integer({ min: 1, max: 20 }),
      score: fc.integer({ min: 1, max: 20 }).map((score) => score * 4096),
    }),
    { minLength: 8, maxLength: 25 },
  );
  const question = fc.oneof(
    fc.constant({}),
    fc.record({ state: fc.constantFrom(...states) }),
    fc.record({ status: fc.constantFrom('pending', 'processing', 'failed') }),
    fc.record({ queue: fc.constantFrom('mail', 'reports'), type: fc.constantFrom('a', 'b') }),
  ) as fc.Arbitrary<Partial<FittingQuery>>;

  it('has every job that is asked for on exactly one of its pages, however they are cut', async () => {
    const project = await openTestProject(server, { config: { queues: { mail: {}, reports: {} } } });
    await fc.assert(
      fc.asyncProperty(planted, question, fc.integer({ min: 1, max: 6 }), async (jobs, query, limit) => {
        await redis.call('FLUSHALL');
        const ids = await plant(jobs);
        const isAsked = ({ queue, state, type }: Planted): boolean =>
          (query.queue ?? queue) === queue &&
          (query.type ?? type) === type &&
          (query.state ? query.state === state : (query.status ?? statusOf(state)) === statusOf(state));
        const expected = ids.filter((_id, index) => isAsked(jobs[index]!));

        const paged: string[] = [];
        for (let offset = 0; offset < expected.length + limit; offset += limit) {
          const page = await list(project, { ...query, limit, offset });
          expect(page.total).toBe(expected.length);
          expect(page.ids.length).toBeLessThanOrEqual(limit);
          paged.push(...page.ids);
        }
        expect(paged.toSorted()).toEqual(expected.toSorted());
        expect((await list(project, query)).ids).toEqual(paged);
      }),
      { numRuns: 60 },
    );
  });

  it('is newest first over queues and states', async () => {
    const project = await openTestProject(server);
    const waiting = { state: 'waiting', type: 'x', score: 0 } as const;
    await plant([
      { ...waiting, queue: 'mail', createdAt: 10 },
      { ...waiting, queue: 'reports', createdAt: 20 },
      { ...waiting, queue: 'mail', createdAt: 30 },
      { ...waiting, queue: 'mail', createdAt: 25, state: 'active' },
    ]);
    expect(await list(project)).toEqual({ total: 4, ids: ['p2', 'p3', 'p1', 'p0'] });
    expect(await list(project, { limit: 2, offset: 1 })).toEqual({ total: 4, ids: ['p3', 'p1'] });
    expect(await list(project, { offset: 4 })).toEqual({ total: 4, ids: [] });
  });

  it('of what has ended has the last that ended first', async () => {
    const project = await openTestProject(server);
    const dead = { state: 'failed', type: 'x' } as const;
    await plant([
      { ...dead, queue: 'mail', createdAt: 1, score: 300 },
      { ...dead, queue: 'reports', createdAt: 3, score: 100 },
      { ...dead, queue: 'mail', createdAt: 2, score: 200 },
    ]);
    expect((await list(project, { status: 'failed' })).ids).toEqual(['p0', 'p2', 'p1']);
  });

  it('tells when delayed jobs are due', async () => {
    const project = await openTestProject(server);
    await plant([{ queue: 'mail', state: 'delayed', type: 'x', createdAt: 1, score: 1_900_000_000_000 * 4096 + 7 }]);
    const { jobs } = await listJobs(project, { limit: 1, offset: 0 });
    expect(jobs[0]!.nextRunAt).toEqual(new Date(1_900_000_000_000));
  });

  it('looks through thousands for a type', async () => {
    const project = await openTestProject(server);
    await plant(
      Array.from({ length: 2500 }, (_, index) => ({
        queue: 'mail',
        state: 'failed' as const,
        type: index % 1000 === 7 ? 'rare' : 'common',
        createdAt: 1,
        score: index + 1,
      })),
    );
    expect(await list(project, { state: 'failed', type: 'rare', limit: 2 })).toEqual({
      total: 3,
      ids: ['p2007', 'p1007'],
    });
    expect((await list(project, { state: 'failed', type: 'common', limit: 1, offset: 2496 })).ids).toEqual(['p0']);
  });

  it('looks at so many jobs for one answer, and says where it goes on', async () => {
    const project = await openTestProject(server);
    const fill = `
      redis.call('HSET', 'bull:mail:meta', 'version', 'bullmq:6.7.0')
      for index = 1, 100500 do
        redis.call('LPUSH', 'bull:mail:wait', index)
        redis.call('HSET', 'bull:mail:' .. index, 'name', index % 50000 == 7 and 'rare' or 'x', 'data', '{}', 'timestamp', index)
      end`;
    await redis.call('EVAL', fill, 0);
    await plant([{ queue: 'mail', state: 'failed', type: 'rare', createdAt: 1, score: 4 }]);

    const query = { type: 'rare', limit: 2 };
    const first = await listFitting(project, { ...query, offset: 0 });
    expect(first).toMatchObject({ total: 3, complete: false, cursor: 'waiting:mail:99999' });
    expect(first.jobs.map(({ id }) => id)).toEqual(['100007', '50007']);
    const { cursor } = first;
    // The rest of what was found is told as ever, and what is behind it by the cursor.
    expect((await listFitting(project, { ...query, offset: 2 })).jobs.map(({ id }) => id)).toEqual(['p0']);
    const second = await listFitting(project, { ...query, offset: 0, cursor });
    expect(second).toMatchObject({ total: 1, complete: true });
    expect(second.jobs.map(({ id }) => id)).toEqual(['7']);
    expect(second.cursor).toBeUndefined();
    await expect(listFitting(project, { ...query, offset: 0, cursor, state: 'delayed' })).rejects.toMatchObject({
      code: 'USAGE',
    });
  });

  it('passes over ids without a job, and markers of older BullMQ', async () => {
    const project = await openTestProject(server);
    await plant([{ queue: 'mail', state: 'waiting', type: 'x', createdAt: 1, score: 0 }]);
    await redis.call('RPUSH', 'bull:mail:wait', '0:123', 'ghost');
    expect((await list(project)).ids).toEqual(['p0']);
    expect((await list(project, { offset: 1, limit: 1 })).ids).toEqual([]);
  });

  it('refuses a queue that is not there', async () => {
    const project = await openTestProject(server, { config: { queues: { reports: {} } } });
    await expect(list(project, { queue: 'reprots' })).rejects.toMatchObject({
      code: 'UNKNOWN_QUEUE',
      hint: 'Did you mean "reports"?',
    });
    expect(await list(project, { queue: 'reports' })).toEqual({ total: 0, ids: [] });
    expect(await list(project, { queue: 'default' })).toEqual({ total: 0, ids: [] });
  });

  it('does not go on for ever', async () => {
    const project = await openTestProject(server);
    await expect(list(project, { offset: 10_000 })).rejects.toMatchObject({ code: 'USAGE' });
  });
});

it('counts by status, over all queues or in one', async () => {
  const project = await openTestProject(server);
  const job = { type: 'x', createdAt: 1, score: 1 };
  await plant(JOB_STATES.map((state) => ({ ...job, state, queue: 'mail' })));
  await plant([{ ...job, state: 'failed', queue: 'reports' }]);
  expect(await countJobs(project)).toEqual({ pending: 4, processing: 1, completed: 1, failed: 2 });
  expect(await countJobs(project, { queue: 'reports' })).toEqual({
    pending: 0,
    processing: 0,
    completed: 0,
    failed: 1,
  });
  await expect(countJobs(project, { queue: 'never' })).rejects.toMatchObject({ code: 'UNKNOWN_QUEUE' });
});
