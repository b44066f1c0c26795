import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { openQuickRedis } from '../../src/broker/quick-redis.ts';
import { MANY } from '../../src/broker/queue-memory.ts';
import type { Redis } from '../../src/broker/redis.ts';
import { parseTarget } from '../../src/broker/target.ts';
import { takeSnapshot, watchProject } from '../../src/jobs/snapshot.ts';
import { plantJobs, type PlantedJob } from '../helpers/plant-jobs.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { openTestProject } from '../helpers/test-project.ts';

let server: TestRedis;
let redis: Redis;

beforeAll(async () => {
  server = await startRedis({ port: true });
  redis = await openQuickRedis(parseTarget(server.url, 'test'));
});
afterEach(() => redis.call('FLUSHALL'));
afterAll(async () => {
  await redis.close();
  await server.stop();
});

/** What the data takes by the account of Redis. */
async function dataBytes(): Promise<number> {
  const info = String(await redis.call('INFO', 'memory'));
  const read = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)![1]);
  return read('used_memory') - read('mem_clients_normal') - read('mem_aof_buffer');
}

async function plant(queue: string, amount: number, job: (index: number) => Omit<PlantedJob, 'id'>): Promise<void> {
  for (let from = 0; from < amount; from += 200) {
    const some = Array.from({ length: Math.min(200, amount - from) }, (_, index) => from + index);
    await plantJobs(
      redis,
      some.map((index) => ({ id: `${queue}-${index}`, queue, ...job(index) })),
    );
  }
}

const STATES = ['waiting', 'waiting', 'waiting', 'delayed', 'completed', 'completed', 'failed'] as const;

it('is about what Redis itself says, for jobs of all sizes and states', async () => {
  // What the first look leaves behind is no part of the queue.
  await takeSnapshot(await openTestProject(server));
  const before = await dataBytes();
  await plant('mail', 7000, (index) => ({
    state: STATES[index % STATES.length]!,
    // From 50 bytes to 5 kB, not in any order; what died has a stack.
    payload: { text: 'x'.repeat(50 * 100 ** (((index * 7919) % 1000) / 1000)) },
    ...(index % STATES.length === 6 && { fields: { stacktrace: JSON.stringify(['y'.repeat(2000)]) } }),
  }));
  for (let index = 0; index < 7000; index += 7) {
    await redis.call('RPUSH', `bull:mail:mail-${index}:logs`, 'z'.repeat(300), 'z'.repeat(300));
  }
  const real = (await dataBytes()) - before;
  expect(real).toBeGreaterThan(5e6);
  // One drawing is off by a tenth or so, by chance.
  let measured = 0;
  for (let round = 0; round < 5; round += 1) {
    measured += (await takeSnapshot(await openTestProject(server))).queues[0]!.memoryBytes! / 5;
  }
  expect(measured / real).toBeGreaterThan(0.75);
  expect(measured / real).toBeLessThan(1.3);
});

it('follows the number of jobs between two measurements, also from nothing', async () => {
  const project = await openTestProject(server, { config: { queues: { mail: {} } } });
  const look = watchProject(project);
  const bytes = async () => (await look()).queues.find(({ name }) => name === 'mail')!.memoryBytes;
  expect(await bytes()).toBe(0);
  await plant('mail', 400, () => ({ state: 'waiting', payload: { text: 'x'.repeat(1000) } }));
  await expect.poll(bytes).toBeGreaterThan(400_000);
  const full = (await bytes())!;
  expect(full).toBeLessThan(800_000);
  await redis.call('LTRIM', 'bull:mail:wait', 0, 99);
  expect((await bytes())! / full).toBeCloseTo(1 / 4, 1);
});

it('one look of many measures a few queues, one look alone all; both no more than a hundred keys of each', async () => {
  const names = Array.from({ length: 23 }, (_, index) => `q${index}`);
  for (const name of names) await plant(name, 100, (index) => ({ state: STATES[index % STATES.length]! }));
  const look = watchProject(await openTestProject(server));
  const known = async () => (await look()).queues.filter(({ memoryBytes }) => memoryBytes !== null).length;
  expect([await known(), await known(), await known()]).toEqual([10, 20, 23]);
  await redis.call('CONFIG', 'RESETSTAT');
  expect(await known()).toBe(23);
  const usages = async () =>
    Number(/cmdstat_memory\|usage:calls=(\d+)/.exec(String(await redis.call('INFO', 'commandstats')))?.[1] ?? 0);
  expect(await usages()).toBe(0);
  const { queues } = await takeSnapshot(await openTestProject(server));
  expect(queues.filter(({ memoryBytes }) => memoryBytes === null)).toEqual([]);
  expect(names.length).toBeLessThan(MANY);
  expect(await usages()).toBeGreaterThan(0);
  expect(await usages()).toBeLessThanOrEqual(100 * names.length);
});

it('what BullMQ 5 keeps elsewhere for a pause counts; what another program put in the place of a list does not', async () => {
  await plant('mail', 100, () => ({ state: 'waiting' }));
  await redis.call('RENAME', 'bull:mail:wait', 'bull:mail:paused');
  await plant('odd', 1, () => ({ state: 'waiting' }));
  await redis.call('SET', 'bull:odd:failed', 'not a list');
  await redis.call('LPUSH', 'bull:odd:wait', '0:123', 'gone');
  const { queues } = await takeSnapshot(await openTestProject(server));
  const bytes = Object.fromEntries(queues.map(({ name, memoryBytes }) => [name, memoryBytes]));
  expect(bytes.mail).toBeGreaterThan(10_000);
  expect(bytes.odd).toBeGreaterThan(0);
});

it('is not known where Redis refuses to tell, and all else is there', async () => {
  await plant('mail', 3, () => ({ state: 'waiting' }));
  await redis.call('ACL', 'SETUSER', 'blind', 'on', 'nopass', '~*', '&*', '+@all', '-memory');
  const project = await openTestProject({ url: server.url.replace('://', '://blind:x@') });
  const look = watchProject(project);
  for (let round = 0; round < 3; round += 1) {
    const { queues } = await look();
    expect(queues).toMatchObject([{ name: 'mail', waiting: 3, memoryBytes: null }]);
  }
});
