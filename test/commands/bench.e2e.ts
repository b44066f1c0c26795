import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import type { Broker } from '../../src/broker/broker.ts';
import { openTestBroker } from '../helpers/broker.ts';
import { readKeyspace } from '../helpers/keyspace.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { openShop, type Shop } from './shop.ts';

let redis: TestRedis;
let shop: Shop;
let broker: Broker;

beforeAll(async () => {
  redis = await startRedis();
  shop = openShop(redis);
  broker = await openTestBroker(redis);
  await shop.run(['enqueue', 'mail/welcome']);
});
afterAll(async () => {
  await broker.close();
  await redis.stop();
});

/** Fails the test when it leaves anything behind, or takes anything away. */
async function keepsAll(): Promise<void> {
  const before = await readKeyspace(broker.redis);
  onTestFinished(async () => expect(await readKeyspace(broker.redis)).toEqual(before));
}

it('measures ingest, drain and latency, and leaves nothing', async () => {
  await keepsAll();
  const { code, stdout, stderr } = await shop.run(['bench', '--jobs', '120']);
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^added one by one\t[\d.]+\tjobs\/s\nadded in bulk\t[\d.]+\tjobs\/s\ndrained\t[\d.]+\tjobs\/s\ndead of those\t0\tjobs\n/,
  );
  expect(stdout).toMatch(/p50\t[\d.]+\tms\n.*p99\t[\d.]+\tms\n$/);
  expect(stderr).toContain(redis.url);
  expect(stderr).not.toContain('warning');
});

it('lets the share of --fail-rate die, and removes them too', async () => {
  await keepsAll();
  const flags = ['--jobs', '105', '--fail-rate', '0.2', '--payload-size', '1kb', '--concurrency', '7'];
  expect(await shop.json(['bench', ...flags])).toMatchObject({
    redis: redis.url,
    payloadBytes: 1024,
    concurrency: 7,
    activeElsewhere: 0,
    drain: { jobs: 210, dead: 42 },
    latency: { jobs: 105 },
  });
});

it('removes its queue on Ctrl-C', async () => {
  await keepsAll();
  const bench = shop.start(['bench', '--jobs', '1000000']);
  await expect.poll(() => waitingForBench()).toBeGreaterThan(100);
  bench.child.kill('SIGINT');
  expect(await bench.finished).toMatchObject({ code: 130, stdout: '' });
});

it('warns where other jobs are being worked on', async () => {
  await broker.redis.call('LPUSH', broker.keys.queue('mail', 'active'), 'j_other');
  const { code, stderr } = await shop.run(['bench', '--jobs', '10']);
  await broker.redis.call('DEL', broker.keys.queue('mail', 'active'));
  expect(code).toBe(0);
  expect(stderr).toContain('warning: 1 other job is being worked on in this Redis');
});

it.each([[['--jobs', '0']], [['--fail-rate', '1.2']], [['--payload-size', 'big']], [['--concurrency', '-1']]])(
  'refuses %j, and stores nothing',
  async (flags) => {
    await keepsAll();
    expect(await shop.run(['bench', ...flags])).toMatchObject({ code: 2, stdout: '' });
  },
);

async function waitingForBench(): Promise<number> {
  const [wait] = (await broker.redis.call('KEYS', `${broker.keys.queue('jq-bench-*', 'wait')}`)) as string[];
  return wait === undefined ? 0 : ((await broker.redis.call('LLEN', wait)) as number);
}
