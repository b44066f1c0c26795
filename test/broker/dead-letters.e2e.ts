import { FlowProducer, Queue, UnrecoverableError, Worker } from 'bullmq';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Broker } from '../../src/broker/broker.ts';
import { type DeadLetter, findDead, removeDead, scanDead } from '../../src/broker/dead-letters.ts';
import { openQuickRedis } from '../../src/broker/quick-redis.ts';
import { replayAllDead, replayDead, undoReplay } from '../../src/broker/replay-dead.ts';
import { readKeyspace } from '../helpers/keyspace.ts';
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

const call = (command: string, ...args: (string | number)[]) => broker.redis.call(command, ...args);

/** Runs what waits in the queue with a plain BullMQ worker, each job to its death. */
async function killAll(name = 'mail'): Promise<void> {
  const connection = { path: server.socketPath };
  const die = () => Promise.reject(new UnrecoverableError('boom'));
  const worker = new Worker(name, die, { connection, concurrency: 50, removeOnFail: undefined });
  onTestFinished(() => worker.close());
  await expect
    .poll(async () => {
      const counts = await queue.getJobCounts('wait', 'prioritized', 'active', 'delayed');
      return Object.values(counts).every((count) => count === 0);
    })
    .toBe(true);
  await worker.close();
}

/** Dead letters without having lived: `times` are when they died. */
async function plant(times: readonly number[], id = (index: number) => `d${index}`): Promise<string[]> {
  const ids = times.map((_time, index) => id(index));
  await broker.redis.pipeline(
    ids.flatMap((each, index) => [
      ['ZADD', 'bull:mail:failed', times[index]!, each],
      ['HSET', `bull:mail:${each}`, 'name', 'send-email', 'data', '{}', 'failedReason', `boom ${each}`, 'timestamp', 1],
    ]),
  );
  return ids;
}

async function scan(since = 0, until = 10 ** 15, act?: (page: DeadLetter[]) => Promise<unknown>): Promise<string[][]> {
  const pages: string[][] = [];
  for await (const page of scanDead(broker, 'mail', { since, until, detail: 'name' })) {
    pages.push(page.map(({ id }) => id));
    await act?.(page);
  }
  return pages;
}

/** Takes all that a walk yields, added up. */
async function sum(steps: AsyncIterable<number>): Promise<{ total: number; calls: number }> {
  let [total, calls] = [0, 0];
  for await (const step of steps) [total, calls] = [total + step, calls + 1];
  return { total, calls };
}

describe('replayAllDead', () => {
  it('puts back those of a type, whichever died at the same moment, and leaves the others and the younger ones', async () => {
    const ids = await plant(Array.from({ length: 620 }, (_, index) => (index < 600 ? 50 + (index % 2) : 99)));
    const reports = ids.filter((_id, index) => index % 3 === 0);
    await broker.redis.pipeline(reports.map((id) => ['HSET', `bull:mail:${id}`, 'name', 'report']));
    await call('SET', 'bull:mail:d4', 'no hash');
    await call('ZADD', 'bull:mail:failed', 50, 'd4');

    const range = { type: 'send-email', since: 50, until: 60 };
    expect(await sum(replayAllDead(broker, 'mail', 'r_1', range))).toEqual({ total: 399, calls: 3 });
    expect(await call('LLEN', 'bull:mail:wait')).toBe(399);
    expect(await call('ZCARD', 'bull:mail:failed')).toBe(221);
    expect(await sum(replayAllDead(broker, 'mail', 'r_2', range))).toMatchObject({ total: 0 });
    // Of whatever type; what is no job stays where it is.
    expect(await sum(replayAllDead(broker, 'mail', 'r_3', { since: 0, until: 99 }))).toMatchObject({ total: 220 });
    expect(await call('ZRANGE', 'bull:mail:failed', 0, -1)).toEqual(['d4']);
  });

  it('takes less in one call when much text comes with it, and so does taking it back', async () => {
    const ids = await plant(Array.from({ length: 20 }, (_, index) => index));
    const long = 'x'.repeat(300_000);
    await broker.redis.pipeline(ids.map((id) => ['HSET', `bull:mail:${id}`, 'failedReason', long]));
    expect(await sum(replayAllDead(broker, 'mail', 'r_1', { since: 0, until: 99 }))).toEqual({ total: 20, calls: 5 });
    expect(await sum(undoReplay(broker, 'mail', 'r_1', { countOnly: true }))).toEqual({ total: 20, calls: 5 });
    expect(await sum(undoReplay(broker, 'mail', 'r_1', { countOnly: false }))).toEqual({ total: 20, calls: 5 });
    expect(await call('ZRANGE', 'bull:mail:failed', 0, -1)).toEqual(ids);
    expect(await call('HGET', 'bull:mail:d7', 'failedReason')).toBe(long);
    expect(await replayDead(broker, 'mail', ids, 'r_2')).toBe(20);
    expect(await call('LRANGE', 'bull:mail:wait', 0, -1)).toEqual(ids.toReversed());
  });
});

describe('undoReplay', () => {
  it('makes all that a letter had as it was', async () => {
    const [usual, rare] = await plant([5, 6]);
    await call('HSET', `bull:mail:${usual}`, 'finishedOn', 5);
    const gone = { processedOn: 4, atm: 3, returnvalue: '"x"', stc: 2, defa: 'late', 'jq:points': 7 };
    // Another program may have its own idea of when one died.
    const fields = { finishedOn: 1, ...gone, delay: 9, 'jq:replayed': '3 r_0' };
    await call('HSET', `bull:mail:${rare}`, ...Object.entries(fields).flat());
    const before = await readKeyspace(broker.redis, 'bull:mail:[df]*');
    expect(await sum(replayAllDead(broker, 'mail', 'r_1', { since: 0, until: 99 }))).toMatchObject({ total: 2 });
    expect(await call('HMGET', `bull:mail:${rare}`, ...Object.keys(gone))).toEqual(Object.keys(gone).map(() => null));
    expect(await call('HMGET', `bull:mail:${rare}`, 'delay', 'jq:replayed')).toEqual(['0', '4 r_1']);
    expect(await sum(undoReplay(broker, 'mail', '_1', { countOnly: false }))).toMatchObject({ total: 0 });
    expect(await sum(undoReplay(broker, 'mail', 'r_1', { countOnly: false }))).toMatchObject({ total: 2 });
    expect(await readKeyspace(broker.redis, 'bull:mail:[df]*')).toEqual(before);
  });
});

describe('replayDead', () => {
  it('makes a job as new, but keeps its priority, its fence and its history', async () => {
    await queue.add('send-email', { to: 'ada' }, { jobId: 'j_1', attempts: 3, priority: 7 });
    await killAll();
    expect(await call('HMGET', 'bull:mail:j_1', 'atm', 'ats')).toEqual(['1', '1']);
    await call('HSET', 'bull:mail:j_1', 'stc', '2', 'defa', 'stalled too often');

    expect(await replayDead(broker, 'mail', ['j_1'], 'r_1')).toBe(1);
    const job = (await queue.getJob('j_1'))!;
    expect(await job.getState()).toBe('prioritized');
    expect(job).toMatchObject({ attemptsMade: 0, attemptsStarted: 1, stalledCounter: 0, priority: 7, delay: 0 });
    expect(job.finishedOn ?? job.processedOn ?? job.failedReason ?? job.deferredFailure).toBeUndefined();
    expect(job.stacktrace).toHaveLength(1);
    expect(await call('HGET', 'bull:mail:j_1', 'jq:replayed')).toBe('1 r_1');
    expect(await call('ZCARD', 'bull:mail:failed')).toBe(0);
  });

  it('puts jobs behind those that wait, among equals of their priority, in order', async () => {
    const names = ['a', 'b'].flatMap((letter) => [0, 3].map((priority) => ({ letter, priority })));
    for (const { letter, priority } of names) await queue.add('x', {}, { jobId: `${letter}${priority}`, priority });
    await killAll();
    for (const priority of [0, 3]) await queue.add('x', {}, { jobId: `new${priority}`, priority });
    await replayDead(broker, 'mail', ['a0', 'a3', 'b0', 'b3'], 'r_1');
    expect(await call('LRANGE', 'bull:mail:wait', 0, -1)).toEqual(['b0', 'a0', 'new0']);
    expect(await call('ZRANGE', 'bull:mail:prioritized', 0, -1)).toEqual(['new3', 'a3', 'b3']);
  });

  it('does nothing the second time, nor to a job that is not dead', async () => {
    await queue.add('x', {}, { jobId: 'j_1' });
    await killAll();
    await queue.add('x', {}, { jobId: 'alive' });
    expect(await replayDead(broker, 'mail', ['j_1', 'alive', 'never'], 'r_1')).toBe(1);
    const before = await readKeyspace(broker.redis, 'bull:*');
    expect(await replayDead(broker, 'mail', ['j_1', 'alive', 'never', 'meta'], 'r_2')).toBe(0);
    expect(await readKeyspace(broker.redis, 'bull:*')).toEqual(before);
  });

  it('takes an id without a job from the dead and makes nothing of it', async () => {
    await call('ZADD', 'bull:mail:failed', 5, 'ghost');
    expect(await replayDead(broker, 'mail', ['ghost'], 'r_1')).toBe(0);
    expect(await call('EXISTS', 'bull:mail:failed', 'bull:mail:ghost', 'bull:mail:wait')).toBe(0);
  });

  it('tells those who listen', async () => {
    const [id] = await plant([5]);
    await replayDead(broker, 'mail', [id!], 'r_1');
    const { 'bull:mail:events': events } = await readKeyspace(broker.redis, 'bull:mail:events');
    expect(events).toEqual([{ event: 'waiting', jobId: id, prev: 'failed' }]);
  });

  it('wakes a worker that waits', async () => {
    const [id] = await plant([5]);
    const done = Promise.withResolvers<string>();
    const worker = new Worker('mail', async (job) => done.resolve(job.id!), {
      connection: { path: server.socketPath },
      drainDelay: 3600,
    });
    onTestFinished(() => worker.close());
    await worker.waitUntilReady();
    await expect.poll(() => call('CLIENT', 'LIST')).toContain('cmd=bzpopmin');
    await replayDead(broker, 'mail', [id!], 'r_1');
    expect(await done.promise).toBe(id);
  });

  it('wakes nobody when the queue is paused, and the jobs wait', async () => {
    const ids = await plant([5, 6]);
    await queue.pause();
    await call('DEL', 'bull:mail:marker');
    expect(await replayDead(broker, 'mail', ids, 'r_1')).toBe(2);
    expect(await call('EXISTS', 'bull:mail:marker')).toBe(0);
    await queue.resume();
    await killAll();
    expect(await call('ZCARD', 'bull:mail:failed')).toBe(2);
  });

  it('sends its script to a Redis that does not know it', async () => {
    const ids = await plant([5]);
    await call('SCRIPT', 'FLUSH');
    expect(await replayDead(broker, 'mail', ids, 'r_1')).toBe(1);
  });

  it('sends its script once on a connection for a short command, and again when Redis forgot it', async () => {
    const ids = await plant([5, 6, 7]);
    const redis = await openQuickRedis(broker.target);
    onTestFinished(() => redis.close());
    await call('CONFIG', 'RESETSTAT');
    for (const [index, id] of ids.entries()) {
      if (index === 2) await call('SCRIPT', 'FLUSH');
      expect(await replayDead({ ...broker, redis }, 'mail', [id], 'r_1')).toBe(1);
    }
    const calls = /cmdstat_eval:calls=(\d+)/.exec(String(await call('INFO', 'commandstats')))?.[1];
    expect(calls).toBe('2');
  });

  it.each(['failParentOnFailure', 'ignoreDependencyOnFailure', 'waits'])(
    'gives the parent of a flow its dependency back: %s',
    async (policy) => {
      const flows = new FlowProducer({ connection: { path: server.socketPath } });
      onTestFinished(() => flows.close());
      await flows.add({
        name: 'parent',
        queueName: 'flows',
        opts: { jobId: 'parent' },
        children: [
          {
            name: 'child',
            queueName: 'mail',
            opts: { jobId: 'child', ...(policy === 'waits' ? {} : { [policy]: true }) },
          },
        ],
      });
      await killAll();
      await replayDead(broker, 'mail', ['child'], 'r_1');
      expect(await call('SMEMBERS', 'bull:flows:parent:dependencies')).toEqual(['bull:mail:child']);
      expect(await call('EXISTS', 'bull:flows:parent:unsuccessful', 'bull:flows:parent:failed')).toBe(0);
    },
  );
});

const at = (score: number, ...ids: string[]) => ids.map((id) => ({ id, score: String(score) }));

describe('removeDead', () => {
  it('leaves one that was replayed and died again since it was read', async () => {
    const [id] = await plant([5]);
    await call('ZADD', 'bull:mail:failed', 6, id!);
    expect(await removeDead(broker, 'mail', at(5, id!))).toBe(0);
    expect(await call('EXISTS', `bull:mail:${id!}`)).toBe(1);
    expect(await removeDead(broker, 'mail', [{ id: id! }])).toBe(1);
  });

  it('leaves nothing of a job, and nothing else touched', async () => {
    await queue.add('x', {}, { jobId: 'alive' });
    const before = await readKeyspace(broker.redis);
    await queue.add('x', {}, { jobId: 'j_1', deduplication: { id: 'key', ttl: 60_000 }, lifo: true });
    await (await queue.getJob('j_1'))!.log('a line');
    await call('HSET', broker.keys.once('mail', 'j_1'), 'send', 'D1');
    await call('LREM', 'bull:mail:wait', 1, 'j_1');
    await call('ZADD', 'bull:mail:failed', 5, 'j_1');

    expect(await removeDead(broker, 'mail', at(5, 'j_1', 'alive', 'never'))).toBe(1);
    const { 'bull:mail:events': events, ...after } = await readKeyspace(broker.redis);
    const { 'bull:mail:events': _events, ...expected } = before;
    expect({ ...after, 'bull:mail:id': '1' }).toEqual(expected);
    expect((events as unknown[]).at(-1)).toEqual({ event: 'removed', jobId: 'j_1', prev: 'failed' });
    expect(await removeDead(broker, 'mail', at(5, 'j_1'))).toBe(0);
  });

  it('leaves a deduplication key that is another job’s by now', async () => {
    const [id] = await plant([5]);
    await call('HSET', `bull:mail:${id!}`, 'deid', 'key');
    await call('SET', 'bull:mail:de:key', 'another');
    await removeDead(broker, 'mail', at(5, id!));
    expect(await call('GET', 'bull:mail:de:key')).toBe('another');
  });

  it('lets the parent of a flow go on that waits for nothing else', async () => {
    const flows = new FlowProducer({ connection: { path: server.socketPath } });
    onTestFinished(() => flows.close());
    const child = (jobId: string) => ({ name: 'child', queueName: 'mail', opts: { jobId } });
    await flows.add({
      name: 'parent',
      queueName: 'flows',
      opts: { jobId: 'parent' },
      children: [child('first'), child('second')],
    });
    await killAll();
    expect(await removeDead(broker, 'mail', await findDead(broker, 'mail', ['first']))).toBe(1);
    expect(await call('ZCARD', 'bull:flows:waiting-children')).toBe(1);
    expect(await removeDead(broker, 'mail', await findDead(broker, 'mail', ['second']))).toBe(1);
    expect(await call('LRANGE', 'bull:flows:wait', 0, -1)).toEqual(['parent']);
    expect(await call('ZRANGE', 'bull:flows:marker', 0, -1)).toEqual(['0']);
  });
});

describe('scanDead', () => {
  it('has nothing to say of a queue without any', async () => {
    expect(await scan()).toEqual([]);
  });

  it('goes from the oldest to the newest, both ends within', async () => {
    const ids = await plant([30, 10, 20, 40]);
    expect(await scan()).toEqual([[ids[1], ids[2], ids[0], ids[3]]]);
    expect(await scan(20, 30)).toEqual([[ids[2], ids[0]]]);
    expect(await scan(21, 29)).toEqual([]);
  });

  it('tells enough to decide', async () => {
    await plant([30]);
    await call('ZADD', 'bull:mail:failed', 40, 'ghost');
    const pages: DeadLetter[] = [];
    await scan(0, 100, async (page) => pages.push(...page));
    expect(pages).toEqual([
      { id: 'd0', queue: 'mail', type: 'send-email', diedAt: 30, score: '30', error: 'boom d0', errorName: '' },
      { id: 'ghost', queue: 'mail', type: '', diedAt: 40, score: '40', error: '', errorName: '' },
    ]);
  });

  it.each([
    ['all at one time', () => 500],
    ['in bursts', (index: number) => Math.floor(index / 700)],
    ['one after the other', (index: number) => index],
  ])('sees each of 3,000 once that died %s', async (_name, timeOf) => {
    const ids = await plant(Array.from({ length: 3000 }, (_, index) => timeOf(index)));
    const untouched = (await scan()).flat();
    expect(untouched).toHaveLength(3000);
    expect(new Set(untouched)).toEqual(new Set(ids));
    const removed = (await scan(0, 10 ** 15, (page) => removeDead(broker, 'mail', page))).flat();
    expect(removed.toSorted()).toEqual(ids.toSorted());
    expect(await call('ZCARD', 'bull:mail:failed')).toBe(0);
  });
});

it('finds those of some jobs that are dead', async () => {
  await plant([30, 40]);
  await queue.add('x', {}, { jobId: 'alive' });
  expect(await findDead(broker, 'mail', ['d1', 'alive', 'never', 'd0'])).toEqual([
    expect.objectContaining({ id: 'd1', diedAt: 40 }),
    expect.objectContaining({ id: 'd0', diedAt: 30 }),
  ]);
});
