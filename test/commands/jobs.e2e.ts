import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { HAS_TERMINAL } from '../helpers/run-jq.ts';
import { openShop, type Shop } from './shop.ts';

// Clears the screen, colours, sets the title, moves the cursor, and turns the reading direction around.
const HOSTILE = '\u001b[2J\u001b]0;owned\u0007\u009b31m\rred\u202egnp.exe\nsecond';

let redis: TestRedis;
let shop: Shop;
let done: string;
let dead: string;

beforeAll(async () => {
  redis = await startRedis();
  shop = openShop(redis);
  done = (await shop.run(['enqueue', 'order', '--payload', '{"number":1,"note":"<b>"}'])).stdout.trim();
  [dead = ''] = await shop.bury([{ message: HOSTILE }]);
});
afterAll(() => redis.stop());

describe('list', () => {
  it('by status, state, type and queue, in pages', async () => {
    const list = async (...flags: string[]) =>
      (await shop.run(['jobs', 'list', '--output', 'id', ...flags])).stdout.split('\n').filter(Boolean);
    expect(await list()).toEqual([dead, done]);
    expect(await list('--status', 'completed')).toEqual([done]);
    expect(await list('--state', 'failed')).toEqual([dead]);
    expect(await list('--type', 'order')).toEqual([done]);
    expect(await list('--queue', 'mail')).toEqual([]);
    expect(await list('--limit', '1', '--offset', '1')).toEqual([done]);
  });

  it('prints the same page as the HTTP answer, a job a line, or a table', async () => {
    expect(await shop.json(['jobs', 'list', '--limit', '1'])).toMatchObject({
      total: 2,
      limit: 1,
      offset: 0,
      jobs: [{ id: dead }],
    });
    const lines = await shop.run(['jobs', 'list', '--output', 'jsonl']);
    expect(
      lines.stdout
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { id: string }).id),
    ).toEqual([dead, done]);
    const table = await shop.run(['jobs', 'list', '--output', 'table']);
    expect(table.stdout).toMatch(/^ID +TYPE +QUEUE +STATE +TRIES +UPDATED +ERROR\n/);
  });

  it('refuses an unknown queue with the nearest name, and a word that is no state', async () => {
    expect(await shop.run(['jobs', 'list', '--queue', 'maill'])).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('Did you mean "mail"?'),
    });
    expect(await shop.run(['jobs', 'list', '--status', 'done'])).toMatchObject({ code: 2 });
  });
});

describe('show and logs', () => {
  it('tell the life of a job', async () => {
    const { stdout } = await shop.run(['jobs', 'show', done]);
    expect(stdout).toMatch(
      /^order {2}completed {2}1\/3 attempts\n\n {2}id {8}j_\w+\n {2}queue {5}default\n\nTimeline\n {2}\S+Z {2}added\n {2}\S+Z {2}completed after \S+\n/,
    );
    expect(stdout).toContain('Payload\n  {\n    "number": 1,\n    "note": "<b>"\n  }\n');
    expect(stdout).toContain('Result\n  {\n    "taken": 1\n  }\n');
    expect((await shop.run(['jobs', 'logs', done])).stdout).toMatch(/^\S+Z info taken \{"number":1\}\n$/);
  });

  it('exit 5 for a job that is nowhere', async () => {
    expect(await shop.run(['jobs', 'show', 'nope'])).toMatchObject({ code: 5, stdout: '' });
    expect(await shop.run(['jobs', 'logs', 'nope'])).toMatchObject({ code: 5, stdout: '' });
  });
});

describe('what comes from a job never reaches the terminal as it is', () => {
  // oxlint-disable-next-line no-control-regex -- this is what must not be there
  const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/;

  it.each([
    ['list', () => ['jobs', 'list']],
    ['list as JSON', () => ['jobs', 'list', '--json']],
    ['show', () => ['jobs', 'show', dead]],
    ['dlq list', () => ['dlq', 'list', '--output', 'table']],
    ['dlq show as JSON', () => ['dlq', 'show', dead, '--output', 'jsonl']],
    ['stats', () => ['stats', '--json']],
    ['dry run', () => ['dlq', 'replay', '--all', '--dry-run']],
  ])('%s', async (_name, words) => {
    const { code, stdout, stderr } = await shop.run(words());
    expect(code).toBe(0);
    expect(stdout).not.toMatch(CONTROL);
    expect(stderr).not.toMatch(CONTROL);
  });

  it('but JSON still holds every character', async () => {
    expect(await shop.json(['jobs', 'show', dead])).toMatchObject({ error: HOSTILE, payload: { message: HOSTILE } });
  });
});

describe('retry and remove', () => {
  it('retry puts a dead job back, and refuses others', async () => {
    expect(await shop.run(['jobs', 'retry', done])).toMatchObject({ code: 1, stdout: '' });
    const both = await shop.run(['jobs', 'retry', dead, done]);
    expect(both).toMatchObject({ code: 3, stdout: `${dead}\n` });
    expect(both.stderr).toContain('Retried 1 of 2 jobs');
    expect(await shop.json(['jobs', 'show', dead])).toMatchObject({ state: 'waiting', attempts: 0 });
  });

  it('remove needs --yes off a terminal', async () => {
    expect(await shop.run(['jobs', 'remove', done])).toMatchObject({ code: 2, stdout: '' });
    expect(await shop.run(['jobs', 'remove', done, '--yes'])).toMatchObject({ code: 0, stdout: `${done}\n` });
    expect(await shop.run(['jobs', 'show', done])).toMatchObject({ code: 5 });
  });

  it.skipIf(!HAS_TERMINAL)('remove asks on a terminal', async () => {
    const remove = shop.start(['jobs', 'remove', dead], { terminal: true });
    await remove.says(/Delete 1 job from .*\? \[y\/N\] /);
    remove.child.stdin!.write('yes\n');
    expect((await remove.finished).stdout).toContain(`Removed ${dead}`);
  });
});
