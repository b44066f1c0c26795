import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { HAS_TERMINAL } from '../helpers/run-jq.ts';
import { openShop, type Shop } from './shop.ts';

let redis: TestRedis;
let shop: Shop;
let ids: string[];

beforeAll(async () => {
  redis = await startRedis();
  shop = openShop(redis);
});
afterAll(() => redis.stop());

beforeEach(async () => {
  ids = await shop.bury([
    { message: 'ECONNREFUSED 10.0.0.5' },
    { message: 'no such user' },
    { message: 'no such order' },
  ]);
});
afterEach(async () => {
  await shop.run(['dlq', 'remove', '--all', '--yes']);
});

const BATCH = expect.stringMatching(/^r_[\da-f]{32}$/) as string;

const dead = async (flags: string[] = []) =>
  (await shop.run(['dlq', 'list', '--output', 'id', ...flags])).stdout.split('\n').filter(Boolean).toSorted();

describe('list and show', () => {
  it('lists by filter, as data too', async () => {
    expect(await dead()).toEqual(ids.toSorted());
    expect(await dead(['--error', 'econnrefused'])).toEqual([ids[0]]);
    expect(await dead(['--error', 'no such', '--since', '1h'])).toEqual(ids.slice(1).toSorted());
    expect(await dead(['--until', '1h'])).toEqual([]);
    expect(await shop.json(['dlq', 'list', '--limit', '1', '--error', 'no such'])).toMatchObject({
      total: 2,
      limit: 1,
      jobs: [{ type: 'explode' }],
    });
  });

  it('off a terminal prints one line a job: tabs, no header, RFC 3339', async () => {
    const { stdout } = await shop.run(['dlq', 'list', '--error', 'ECONN']);
    expect(stdout).toMatch(/^j_\w+\texplode\tdefault\t1\/3\t\d{4}-\d\d-\d\dT[\d:.]+Z\tECONNREFUSED 10\.0\.0\.5\n$/);
  });

  it('shows why it died, without a line of this program in the stack', async () => {
    const { stdout } = await shop.run(['dlq', 'show', ids[0]!]);
    expect(stdout).toMatch(/^explode {2}failed {2}1\/3 attempts$/m);
    expect(stdout).toMatch(
      /^ {2}\S+Z {2}attempt 1 {4}\S+\/\d+ {2}(waited \S+ {2})?ran \S+ {2}.*ECONNREFUSED 10\.0\.0\.5$/m,
    );
    expect(stdout).toMatch(/^ {4}at .*explode.* \(.*handlers\/explode\.ts/m);
    expect(stdout).not.toContain('program.cjs');
  });

  it('refuses a job that is not dead, and one that is nowhere', async () => {
    const { stdout } = await shop.run(['enqueue', 'order', '--payload', '{"number":1}', '--delay', '1h']);
    expect(await shop.run(['dlq', 'show', stdout.trim()])).toMatchObject({ code: 1 });
    expect(await shop.run(['dlq', 'show', 'nope'])).toMatchObject({ code: 5 });
  });
});

describe('replay', () => {
  it('without a selector is a usage error, never "all"', async () => {
    const { code, stderr } = await shop.run(['dlq', 'replay', '--yes']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^jq: Expected ids, --all, or a filter: nothing was chosen\n/);
    expect(await dead()).toHaveLength(3);
  });

  it('off a terminal without --yes does nothing, not even connect', async () => {
    const { code, stderr } = await shop.run(['dlq', 'replay', '--all'], {
      env: { JQ_REDIS_URL: 'redis://127.0.0.1:1' },
    });
    expect(code).toBe(2);
    expect(stderr).toMatch(/--yes/);
    expect(stderr).not.toMatch(/Redis/);
  });

  it('--dry-run prints counts by queue, samples, and the command that would do it', async () => {
    const { code, stdout, stderr } = await shop.run([
      'dlq',
      'replay',
      '--error',
      'no such',
      '--limit',
      '1',
      '--rate',
      '5/s',
      '--dry-run',
    ]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'default\t2\n' });
    expect(stderr).toMatch(/^ {2}j_\w+ {2}explode {2}no such user$/m);
    expect(stderr).toMatch(
      /^Nothing was done\. To do it with 1 dead letter: jq dlq replay --error 'no such' --limit 1 --rate 5\/s$/m,
    );
    expect(await dead()).toHaveLength(3);
  });

  it('--all --yes puts all of them back with fresh attempts', async () => {
    expect(await shop.run(['dlq', 'replay', '--all', '--yes'])).toMatchObject({ code: 0, stdout: '3\n' });
    expect(await dead()).toEqual([]);
    expect(await shop.json(['jobs', 'show', ids[0]!])).toMatchObject({ state: 'waiting', attempts: 0, replays: 1 });
    await shop.run(['work', '--drain', '--log-level', 'silent']);
    expect(await dead()).toEqual(ids.toSorted());
  });

  it('takes ids and filters', async () => {
    expect(await shop.json(['dlq', 'replay', ids[0]!, ids[1]!, '--yes'])).toEqual({ replayed: 2, batch: BATCH });
    expect(await shop.json(['dlq', 'replay', '--type', 'explode', '--yes'])).toEqual({ replayed: 1, batch: BATCH });
    await shop.run(['work', '--drain', '--log-level', 'silent']);
  });

  it('exits 5 for an id that is nowhere, 1 for a job that is not dead, 3 when some were not', async () => {
    expect(await shop.run(['dlq', 'replay', 'nope', '--yes'])).toMatchObject({ code: 5, stdout: '' });
    expect(await shop.run(['dlq', 'replay', ids[0]!, '--yes'])).toMatchObject({ code: 0 });
    const again = await shop.run(['dlq', 'replay', ids[0]!, '--yes']);
    expect(again.code).toBe(1);
    expect(again.stderr).toContain(`Job ${ids[0]} is not dead`);
    const some = await shop.run(['dlq', 'replay', ids[0]!, ids[1]!, '--yes']);
    expect(some).toMatchObject({ code: 3, stdout: '1\n' });
    expect(some.stderr).toContain('Replayed 1 of 2 jobs: the others are not dead');
    await shop.run(['work', '--drain', '--log-level', 'silent']);
  });

  it('stopped by Ctrl-C says how to go on, exits 130, and goes on', async () => {
    const replay = shop.start(['dlq', 'replay', '--all', '--rate', '1/s', '--yes'], { input: '' });
    await expect.poll(() => dead()).toHaveLength(2);
    replay.child.kill('SIGINT');
    const { code, stderr } = await replay.finished;
    expect(code).toBe(130);
    expect(stderr).toMatch(/^Stopped after [12]\. To go on: jq dlq replay --until \S+Z --rate 1\/s$/m);
    const left = await dead();
    expect(await shop.json(['dlq', 'replay', '--all', '--yes'])).toMatchObject({ replayed: left.length });
    await shop.run(['work', '--drain', '--log-level', 'silent']);
  });
});

describe.skipIf(!HAS_TERMINAL)('on a terminal it asks, naming the count and the Redis', () => {
  const ask = () => shop.start(['dlq', 'replay', '--all'], { terminal: true });

  it.each([
    { answer: 'y\n', code: 0, left: 0, says: 'Replayed 3 dead letters' },
    { answer: '\n', code: 1, left: 3, says: 'jq: Nothing was done' },
    { answer: 'n\n', code: 1, left: 3, says: 'jq: Nothing was done' },
    { answer: '\u0004', code: 1, left: 3, says: 'jq: Nothing was done' },
    { answer: '\u0003', code: 130, left: 3, says: 'Replay 3' },
  ])('$answer', async ({ answer, code, left, says }) => {
    const replay = ask();
    const [question] = await replay.says(/Replay 3 dead letters.*\[y\/N\] /);
    expect(question).toBe(`Replay 3 dead letters (default 3) in ${redis.url}? [y/N] `);
    replay.child.stdin!.write(answer);
    const { code: exitCode, stdout } = await replay.finished;
    expect(exitCode).toBe(code);
    expect(stdout).toContain(says);
    expect(await dead()).toHaveLength(left);
    await shop.run(['work', '--drain', '--log-level', 'silent']);
  });
});

describe('remove', () => {
  it('deletes what fits, after --yes', async () => {
    expect(await shop.run(['dlq', 'remove', '--error', 'no such'])).toMatchObject({ code: 2 });
    expect(await shop.run(['dlq', 'remove', '--error', 'no such', '--yes'])).toMatchObject({ code: 0, stdout: '2\n' });
    expect(await dead()).toEqual([ids[0]]);
    expect(await shop.run(['jobs', 'show', ids[1]!])).toMatchObject({ code: 5 });
  });
});
