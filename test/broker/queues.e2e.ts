import { Queue } from 'bullmq';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Broker } from '../../src/broker/broker.ts';
import { removeJob } from '../../src/broker/remove-job.ts';
import { createKeys } from '../../src/broker/keys.ts';
import { findQueues, knownQueues, registerQueues } from '../../src/broker/queues.ts';
import {
  countStates,
  findQueueOf,
  listIds,
  readJobs,
  readLogs,
  readSoonestDue,
  readState,
} from '../../src/broker/read-jobs.ts';
import { decodeQueues, readQueues } from '../../src/broker/read-queue.ts';
import { openTestBroker } from '../helpers/broker.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';

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

function openQueue(name: string, prefix = 'bull'): Queue {
  const queue = new Queue(name, { connection: { path: server.socketPath }, prefix });
  onTestFinished(() => queue.close());
  return queue;
}
const call = (command: string, ...args: (string | number)[]) => broker.redis.call(command, ...args);
const searchAgain = () => call('DEL', broker.keys.queuesSearched);

describe('queues', () => {
  it('of other programs are found, by any name, under this prefix only', async () => {
    for (const name of ['mail', 'Reports.v2', 'ümlaut', 'a*b']) await openQueue(name).add('x', {});
    await openQueue('elsewhere', 'other').add('x', {});
    await call('HSET', 'bull:mail:job:meta', 'x', '1');
    await call('HSET', 'bull::meta', 'x', '1');
    await registerQueues(broker, ['default']);
    expect(await findQueues(broker)).toEqual(['Reports.v2', 'a*b', 'default', 'mail', 'ümlaut']);
  });

  it('are told from each other under a prefix that looks like a pattern', async () => {
    const own = { ...broker, keys: createKeys('{b}.c') };
    await openQueue('mail', '{b}.c').add('x', {});
    await openQueue('other', 'b.c').add('x', {});
    expect(await findQueues(own)).toEqual(['mail']);
  });

  it('are looked for once in a while, not each time', async () => {
    expect(await findQueues(broker)).toEqual([]);
    await openQueue('mail').add('x', {});
    expect(await findQueues(broker)).toEqual([]);
    expect(await call('TTL', broker.keys.queuesSearched)).toBeGreaterThan(0);
    await searchAgain();
    expect(await findQueues(broker)).toEqual(['mail']);
    expect(await knownQueues(broker)).toEqual(['mail']);
  });

  it('are still known to a Redis that takes no writes', async () => {
    await registerQueues(broker, ['mail']);
    await call('CONFIG', 'SET', 'maxmemory', '1');
    onTestFinished(async () => {
      await call('CONFIG', 'SET', 'maxmemory', '0');
    });
    expect(await findQueues(broker)).toEqual(['mail']);
  });
});

it('hundreds of queues are read in a few calls, each as it is', async () => {
  const queues = Array.from({ length: 120 }, (_, index) => `queue-${index}`);
  await broker.redis.pipeline(queues.map((queue, index) => ['SET', broker.keys.queue(queue, 'id'), index]));
  const commands = readQueues(broker, queues);
  expect(commands).toHaveLength(4);
  const looks = decodeQueues(queues, await broker.redis.pipeline(commands), {});
  expect(looks.map(({ name, added }) => `${name} ${added}`)).toEqual(queues.map((queue, index) => `${queue} ${index}`));
});

describe('what other programs planted under a name of BullMQ’s', () => {
  it('counts as nothing', async () => {
    for (const part of [
      'wait',
      'prioritized',
      'delayed',
      'active',
      'completed',
      'failed',
      'meta',
      'id',
      'j_1',
      'j_1:logs',
    ])
      await call('SET', `bull:mail:${part}`, 'planted');
    const counts = await countStates(broker, ['mail'], ['waiting', 'delayed', 'failed']);
    expect(counts.get('mail')).toEqual({ waiting: 0, delayed: 0, failed: 0 });
    expect(await listIds(broker, 'mail', 'waiting', 0, 10)).toEqual([]);
    expect(await readJobs(broker, 'mail', ['j_1'])).toEqual([]);
    expect(await readState(broker, 'mail', 'j_1')).toBeUndefined();
    expect(await readLogs(broker, 'mail', 'j_1')).toEqual([]);
    const [look] = decodeQueues(['mail'], await broker.redis.pipeline(readQueues(broker, ['mail'])), {});
    expect(look).toMatchObject({ counts: { waiting: 0, failed: 0 }, added: 0, oldestDueAt: null, newestDead: null });
    expect(await readSoonestDue(broker, ['mail'])).toEqual(new Map());
    expect(await findQueueOf(broker, ['mail'], 'j_1')).toBeUndefined();
  });

  it('may be a hash that is no job', async () => {
    const queue = openQueue('mail');
    await queue.pause();
    await queue.upsertJobScheduler('nightly', { every: 1000 }, { name: 'x', data: {} });
    for (const id of ['meta', 'repeat:nightly']) expect(await findQueueOf(broker, ['mail'], id)).toBeUndefined();
    const [scheduled] = await queue.getJobs(['waiting', 'delayed']);
    expect(await findQueueOf(broker, ['mail'], scheduled!.id!)).toBe('mail');
  });

  it('may be a job of any shape', async () => {
    await call('HSET', 'bull:mail:odd', 'name', 'x', 'data', '{broken', 'opts', '[]', 'timestamp', 'soon', 'atm', 'x');
    await call(
      'HSET',
      'bull:mail:bare',
      'timestamp',
      '5',
      'stacktrace',
      '{"a":1}',
      'delay',
      '-',
      'finishedOn',
      '1e400',
    );
    const [odd, bare] = await readJobs(broker, 'mail', ['odd', 'bare']);
    expect(odd).toMatchObject({ type: 'x', payload: '{broken', maxAttempts: 1, createdAt: 0, attemptsMade: 0 });
    expect(bare).toMatchObject({ type: '', payload: null, createdAt: 5, stacktrace: [], delayMs: 0, finishedAt: null });
  });
});

describe('removeJob', () => {
  it('deletes a job from whatever state, with its recorded steps', async () => {
    const queue = openQueue('mail');
    await queue.add('x', {}, { jobId: 'waiting' });
    await queue.add('x', {}, { jobId: 'later', delay: 60_000 });
    await call('HSET', broker.keys.once('mail', 'later'), 'step', 'D1');
    for (const id of ['waiting', 'later']) expect(await removeJob(broker, 'mail', id)).toBe(true);
    expect(await queue.getJobCounts()).toMatchObject({ waiting: 0, delayed: 0 });
    expect(await call('KEYS', 'jq:*later*')).toEqual([]);
  });

  it('leaves one that runs', async () => {
    const queue = openQueue('mail');
    await queue.add('x', {}, { jobId: 'busy' });
    await call('SET', 'bull:mail:busy:lock', 'token');
    expect(await removeJob(broker, 'mail', 'busy')).toBe(false);
    expect(await queue.getJob('busy')).toBeDefined();
  });
});
