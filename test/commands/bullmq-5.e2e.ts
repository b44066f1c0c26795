import { Queue, Worker } from 'bullmq5';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { runJq } from '../helpers/run-jq.ts';

// Queues that were filled, worked on and paused by BullMQ 5, which keeps some things elsewhere than the version of ours.

let redis: TestRedis;
let connection: { path: string };
let queue: Queue;

beforeAll(async () => {
  redis = await startRedis();
  connection = { path: redis.socketPath };
});
beforeEach(async () => {
  queue = new Queue('mail', { connection });
  await queue.waitUntilReady();
});
afterEach(async () => {
  await queue.obliterate({ force: true });
  await queue.close();
});
afterAll(() => redis.stop());

const add = (ids: readonly string[], priority = 0) =>
  queue.addBulk(ids.map((jobId, n) => ({ name: n % 2 ? 'report' : 'send', data: { n }, opts: { jobId, priority } })));

/** Runs all that waits; those that were to fail are dead then. @returns ids of jobs in the order in which they began */
async function work(fails: boolean): Promise<string[]> {
  const began: string[] = [];
  const worker = new Worker(
    'mail',
    (job) => {
      began.push(job.id!);
      return fails ? Promise.reject(new Error(`Timeout after ${began.length} ms`)) : Promise.resolve({ ok: true });
    },
    { connection },
  );
  await expect.poll(async () => (await queue.getJobCountByTypes('wait', 'prioritized', 'active')) === 0).toBe(true);
  await worker.close();
  return began;
}

/** Runs jq, which has to succeed. @returns what it printed */
async function jq(...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await runJq([...words, '--quiet'], { env: { JQ_REDIS_URL: redis.url } });
  expect([code, stderr]).toEqual([0, '']);
  return stdout.trim();
}
const idsOf = async (...words: string[]) => (await jq(...words, '--output', 'id')).split('\n').toSorted();

it('dead letters are grouped, shown, replayed, taken back, archived and removed', async () => {
  await add(['a', 'b', 'c', 'd']);
  await add(['p'], 3);
  await work(true);

  const { groups } = JSON.parse(await jq('dlq', 'groups', '--json')) as { groups: { type: string; count: number }[] };
  expect(groups).toMatchObject([
    { type: 'send', count: 3, errorName: 'Error', error: 'Timeout after <n> ms' },
    { type: 'report', count: 2 },
  ]);
  expect(await idsOf('jobs', 'find', 'payload.n:1 error:timeout state:failed')).toEqual(['b']);
  expect(await jq('dlq', 'show', 'a')).toContain('attempt 1    Error: Timeout after 1 ms');

  const { batch } = JSON.parse(await jq('dlq', 'replay', '--all', '--yes', '--json')) as { batch: string };
  expect(await queue.getJobCounts('failed', 'wait', 'prioritized')).toEqual({ failed: 0, wait: 4, prioritized: 1 });
  await jq('dlq', 'replay', '--undo', batch, '--yes');
  expect(await queue.getJobCountByTypes('failed')).toBe(5);

  await jq('dlq', 'archive', '--type', 'report', '--to', `${redis.socketPath}.jsonl`, '--yes');
  await jq('dlq', 'import', `${redis.socketPath}.jsonl`, '--yes');
  await jq('dlq', 'remove', 'd', '--yes');
  await jq('dlq', 'replay', '--type', 'send', '--yes');
  expect(await work(false)).toEqual(['a', 'c', 'p']);
  expect(await queue.getJobCounts('failed', 'completed')).toEqual({ failed: 1, completed: 3 });
});

it('jobs of a queue that it has paused are found, changed and removed, and none is lost when it goes on', async () => {
  await queue.add('send', {}, { jobId: 'later', delay: 3_600_000 });
  await add(['dead']);
  await work(true);
  await add(['edited', 'cancelled', 'moved', 'removed', 'cleaned']);
  await queue.pause();
  await add(['x', 'y']);

  expect(await idsOf('jobs', 'list', '--state', 'waiting')).toHaveLength(7);
  expect(JSON.parse(await jq('jobs', 'list', '--status', 'pending', '--json'))).toMatchObject({ total: 8 });
  await jq('jobs', 'edit', 'edited', '--payload', '{"n":9}');
  await jq('jobs', 'edit', 'moved', '--priority', '2');
  await jq('jobs', 'cancel', 'cancelled');
  await jq('jobs', 'remove', 'removed', '--yes');
  expect(await jq('jobs', 'remove', '--where', 'id:cleaned', '--yes')).toBe('1');
  await jq('jobs', 'promote', 'later');
  await jq('dlq', 'replay', 'dead', '--yes');

  await queue.resume();
  expect((await work(false)).toSorted()).toEqual(['dead', 'edited', 'later', 'moved', 'x', 'y']);
  expect((await queue.getJob('edited'))?.data).toEqual({ n: 9 });
});

it('what waits when jq pauses a queue waits on when BullMQ 5 lets it go on, and the other way round', async () => {
  await add(['a', 'b']);
  await jq('queues', 'pause', 'mail');
  await add(['c']);
  await queue.resume();
  expect(await work(false)).toEqual(['a', 'b', 'c']);

  await add(['d']);
  await queue.pause();
  await add(['e']);
  await jq('queues', 'resume', 'mail');
  expect((await work(false)).toSorted()).toEqual(['d', 'e']);

  await add(['f', 'g']);
  await queue.pause();
  expect(await jq('queues', 'drain', 'mail', '--yes')).toBe('2');
  expect(await queue.getJobCountByTypes('paused', 'wait')).toBe(0);
});
