import { Queue, Worker } from 'bullmq';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { openShop, type Shop } from './shop.ts';

let redis: TestRedis;
let shop: Shop;

beforeAll(async () => {
  redis = await startRedis();
  shop = openShop(redis);
});
afterAll(() => redis.stop());

it("a plain BullMQ 6 producer's job is run by jq work", async () => {
  const queue = new Queue('default', { connection: { path: redis.socketPath } });
  onTestFinished(() => queue.close());
  const plain = await queue.add('order', { number: 7 });
  const prioritized = await queue.add('order', { number: 8 }, { priority: 3, attempts: 2 });

  expect(await shop.run(['work', '--drain', '--log-level', 'silent'])).toMatchObject({ code: 0 });

  expect(await plain.getState()).toBe('completed');
  expect(await prioritized.getState()).toBe('completed');
  expect(await shop.json(['jobs', 'show', plain.id!])).toMatchObject({
    type: 'order',
    state: 'completed',
    attempts: 1,
  });
});

it('a job from jq enqueue is run by a plain BullMQ 6 worker', async () => {
  const { stdout } = await shop.run(['enqueue', 'order', '--payload', '{"number":9}', '--priority', '2']);
  const id = stdout.trim();

  const ran = new Promise<unknown[]>((resolve) => {
    const worker = new Worker('default', async (job) => resolve([job.id, job.name, job.data, job.priority]), {
      connection: { path: redis.socketPath, maxRetriesPerRequest: null },
    });
    onTestFinished(() => worker.close());
  });

  expect(await ran).toEqual([id, 'order', { number: 9 }, 2]);
  await expect.poll(async () => (await shop.json<{ state: string }>(['jobs', 'show', id])).state).toBe('completed');
});
