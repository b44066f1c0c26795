import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { openShop, type Shop } from './shop.ts';

let redis: TestRedis;
let shop: Shop;

beforeAll(async () => {
  redis = await startRedis();
  shop = openShop(redis);
  const lines = [1, 2, 3].map((number) => JSON.stringify({ type: 'order', payload: { number } }));
  await shop.run(['enqueue', '--file', '-'], { input: lines.join('\n') });
  await shop.run(['enqueue', 'order', '--payload', '{"number":4}', '--delay', '1h']);
});
afterAll(() => redis.stop());

const queue = async (name: string) =>
  (await shop.json<{ name: string }[]>(['queues', 'list'])).find((each) => each.name === name);

describe('pause and resume', () => {
  it('say who and since when, wherever queues are shown', async () => {
    expect(await shop.run(['queues', 'pause', 'default', 'mail'])).toMatchObject({
      code: 0,
      stdout: 'default\nmail\n',
    });
    const who = {
      paused: true,
      pausedBy: expect.stringMatching(/.@./) as string,
      pausedAt: expect.stringMatching(/Z$/) as string,
    };
    expect(await queue('default')).toMatchObject(who);
    expect(await shop.json(['stats'])).toMatchObject({ queues: [who, who] });
    expect(await shop.json(['top'])).toMatchObject({ queues: [who, who] });
    expect((await shop.run(['queues', 'list'])).stdout).toMatch(/^default\tpaused\t3\t.*\tpaused \S+Z by \S+@\S+$/m);
    expect(await shop.run(['queues', 'resume', 'default', 'mail'])).toMatchObject({ code: 0 });
    expect(await queue('default')).toMatchObject({ paused: false, pausedBy: null, pausedAt: null });
  });

  it('know the queues that there are', async () => {
    for (const command of ['pause', 'resume', 'drain', 'limit', 'clean']) {
      const flags =
        { drain: ['--yes'], limit: ['--none'], clean: ['--state', 'completed', '--older', '1d', '--yes'] }[command] ??
        [];
      expect(await shop.run(['queues', command, 'maill', ...flags]), command).toMatchObject({
        code: 5,
        stderr: expect.stringContaining('Did you mean "mail"?'),
      });
    }
    expect(await shop.run(['queues', 'pause', 'mail', 'maill'])).toMatchObject({ code: 3, stdout: 'mail\n' });
    await shop.run(['queues', 'resume', 'mail']);
  });
});

describe('limit', () => {
  it('sets what is given, leaves the rest, and takes all away', async () => {
    expect(await shop.json(['queues', 'limit', 'mail', '--concurrency', '3'])).toEqual({
      queue: 'mail',
      concurrency: 3,
      rate: null,
    });
    expect(await shop.json(['queues', 'limit', 'mail', '--rate', '90/m'])).toEqual({
      queue: 'mail',
      concurrency: 3,
      rate: { max: 90, perMs: 60_000 },
    });
    expect((await shop.run(['queues', 'list'])).stdout).toMatch(/^mail\t.*\t3 at a time, 90\/m$/m);
    expect(await shop.json(['queues', 'limit', 'mail', '--none'])).toEqual({
      queue: 'mail',
      concurrency: null,
      rate: null,
    });
  });

  it.each([
    [[]],
    [['--none', '--concurrency', '3']],
    [['--concurrency', '0']],
    [['--rate', '0/s']],
    [['--rate', 'fast']],
  ])('refuses %j', async (flags) => {
    expect(await shop.run(['queues', 'limit', 'mail', ...flags])).toMatchObject({ code: 2, stdout: '' });
  });
});

describe('drain and clean', () => {
  it('need --yes off a terminal, and say before what they would do', async () => {
    expect(await shop.run(['queues', 'drain', 'default'])).toMatchObject({ code: 2, stdout: '' });
    expect(await shop.json(['queues', 'drain', 'default', '--dry-run'])).toMatchObject({
      total: 3,
      command: 'jq jobs remove --queue default --state waiting,prioritized',
    });
    expect(await shop.run(['queues', 'clean', 'default', '--state', 'completed', '--yes'])).toMatchObject({ code: 2 });
    expect(await shop.run(['queues', 'clean', 'default', '--state', 'active', '--older', '1s', '--yes'])).toMatchObject(
      { code: 2 },
    );
  });

  it('drain removes what waits, and with --delayed what is to come', async () => {
    expect(await shop.json(['queues', 'drain', 'default', '--yes'])).toEqual({ removed: 3 });
    expect(await queue('default')).toMatchObject({ waiting: 0, delayed: 1 });
    expect(await shop.json(['queues', 'drain', 'default', '--delayed', '--yes'])).toEqual({ removed: 1 });
  });

  it('clean removes what is older, of one state', async () => {
    await shop.run(['enqueue', 'order', '--payload', '{"number":5}']);
    const [dead] = await shop.bury([{ message: 'no' }]);
    const clean = (state: string, older: string) =>
      shop.json(['queues', 'clean', 'default', '--state', state, '--older', older, '--yes']);
    expect(await clean('completed', '1h')).toEqual({ removed: 0 });
    expect(await clean('completed', '1ms')).toEqual({ removed: 1 });
    expect(await shop.json(['jobs', 'show', dead!])).toMatchObject({ state: 'failed' });
    expect(await clean('failed', '1ms')).toEqual({ removed: 1 });
  });
});
