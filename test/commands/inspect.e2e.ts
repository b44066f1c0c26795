import { afterAll, beforeAll, expect, it } from 'vitest';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { HAS_TERMINAL } from '../helpers/run-jq.ts';
import { openShop, type Shop } from './shop.ts';

let redis: TestRedis;
let shop: Shop;

beforeAll(async () => {
  redis = await startRedis();
  shop = openShop(redis);
  await shop.run(['enqueue', 'mail/welcome']);
  await shop.run(['enqueue', 'order', '--payload', '{"number":1}', '--delay', '1h']);
});
afterAll(() => redis.stop());

it('queues list: one line a queue, or the names alone', async () => {
  const { stdout } = await shop.run(['queues', 'list']);
  expect(stdout).toMatch(/^default\tno worker\t0\t0\t1\t0\t0\t/m);
  expect(stdout).toMatch(/^mail\tno worker\t1\t0\t0\t0\t0\t/m);
  expect((await shop.run(['queues', 'list', '--output', 'id'])).stdout).toBe('default\nmail\n');
});

it('stats: the whole snapshot as data', async () => {
  const snapshot = await shop.json(['stats']);
  expect(snapshot).toMatchObject({
    totals: { waiting: 1, delayed: 1, failed: 0 },
    workers: [],
    redis: { label: redis.url },
  });
});

it.skipIf(!HAS_TERMINAL)('stats: totals and a table for a person', async () => {
  const { stdout } = await shop.run(['stats'], { terminal: true });
  expect(stdout).toMatch(/1 waiting {2}0 active {2}1 delayed {2}0 completed {2}0 dead {2}0 workers {2}Redis \d/);
  expect(stdout).toMatch(/^QUEUE +STATE +WAIT +ACTIVE +DELAYED +DONE +DEAD/m);
});

it('workers list: who works, and how busy', async () => {
  expect(await shop.run(['workers', 'list'])).toMatchObject({ code: 0, stdout: '' });
  const worker = shop.start(['work', '--queues', 'default', '--concurrency', '7', '--log-level', 'info']);
  await worker.says(/"working"/);
  const { stdout } = await shop.run(['workers', 'list']);
  expect(stdout).toMatch(/^\S+\/\d+\trunning\tdefault\t0\t7\t\d+\t/);
  expect((await shop.run(['queues', 'list'])).stdout).toMatch(/^default\trunning\t/m);
  worker.child.kill('SIGTERM');
  await worker.finished;
});

it('top off a terminal is one frame of plain text, or JSON', async () => {
  const { code, stdout } = await shop.run(['top']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^QUEUE +STATE +WAIT/);
  expect(await shop.json(['top'])).toMatchObject({ v: 1, totals: { waiting: 1 } });
});

it.skipIf(!HAS_TERMINAL)('top on a terminal is live until q', async () => {
  const top = shop.start(['top'], { terminal: true });
  await top.says(/mail/);
  top.child.stdin!.write('q');
  expect((await top.finished).code).toBe(0);
});
