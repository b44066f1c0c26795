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
      /^order {2}completed {2}1\/3 attempts\n\n {2}id {8}j_\w+\n {2}queue {5}default\n\nTimeline\n {2}\S+Z {2}added {8}by \S+\n {2}\S+Z {2}log {10}info taken .*\n {2}\S+Z {2}completed {4}ran \S+\n/,
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

describe('find', () => {
  const find = async (...words: string[]) =>
    (await shop.run(['jobs', 'find', '--output', 'id', ...words])).stdout.split('\n').filter(Boolean);

  it('by what a job is, holds or failed with, in any state', async () => {
    expect(await find('payload.number:1')).toEqual([done]);
    expect(await find('type:e*', 'error:gnp')).toEqual([dead]);
    expect(await find('error:/GNP.exe/i !type:order')).toEqual([dead]);
    expect(await find('<b>')).toEqual([done]);
    expect(await find('attempts:>5')).toEqual([]);
    const list = await shop.run(['jobs', 'list', '--where', 'result.taken:1', '--output', 'id']);
    expect(list.stdout).toBe(`${done}\n`);
  });

  it('says how far it looked', async () => {
    expect(await shop.json(['jobs', 'find', 'type:order'])).toEqual({
      jobs: [expect.objectContaining({ id: done })],
      total: 1,
      limit: 50,
      offset: 0,
      scanned: 2,
      stopped: false,
    });
    const stopped = await shop.run(['jobs', 'find', 'type:none', '--scan-limit', '1']);
    expect(stopped).toMatchObject({ code: 0, stdout: '' });
    expect(stopped.stderr).toContain('Stopped after looking at 1 job. To look further: --scan-limit 10');
  });

  it('explains what is wrong with a filter, before it asks Redis', async () => {
    const refused = await shop.run(['jobs', 'find', 'type:a stat:failed'], {
      env: { JQ_REDIS_URL: 'redis://127.0.0.1:1' },
    });
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toMatch(
      /In the filter, column 8: expected one of the fields .*, got "stat"\n {2}type:a stat:failed\n {9}\^\n/,
    );
    expect(await shop.run(['jobs', 'list', '--attempts', 'many'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('In --attempts, column 1: expected a number'),
    });
    expect(await shop.run(['jobs', 'find', 'queue:maill'])).toMatchObject({ code: 5 });
    expect(await shop.run(['jobs', 'find'])).toMatchObject({ code: 2 });
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

describe('many at once', () => {
  let ids: string[];
  const states = async () => Promise.all(ids.map(async (id) => (await shop.json(['jobs', 'show', id])).state));

  beforeAll(async () => {
    const input = [1, 2, 3].map((number) => JSON.stringify({ type: 'order', payload: { number } })).join('\n');
    ids = (await shop.run(['enqueue', '--file', '-', '--delay', '1h'], { input })).stdout.trim().split('\n');
  });

  it('need a choice that says which, and --yes off a terminal', async () => {
    for (const command of ['retry', 'remove', 'promote', 'cancel']) {
      expect(await shop.run(['jobs', command, '--yes']), command).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('nothing was chosen'),
      });
      expect(await shop.run(['jobs', command, '--type', 'order']), command).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('--yes'),
      });
      expect(await shop.run(['jobs', command, ids[0]!, '--all', '--yes']), command).toMatchObject({ code: 2 });
      expect(await shop.run(['jobs', command, '--queue', 'maill', '--yes']), command).toMatchObject({ code: 5 });
    }
    const away = { env: { JQ_REDIS_URL: 'redis://127.0.0.1:1' } };
    expect(await shop.run(['jobs', 'retry', '--all', '--yes'], away)).toMatchObject({ code: 4 });
  });

  it('a dry run tells how many, and the command that does it', async () => {
    const dry = await shop.json(['jobs', 'promote', '--type', 'order', '--where', 'payload.number:>1', '--dry-run']);
    expect(dry).toMatchObject({ total: 2, byQueue: { default: 2 }, samples: [{ id: ids[2] }, { id: ids[1] }] });
    expect(dry.command).toBe("jq jobs promote --type order --where 'payload.number:>1'");
    expect(await states()).toEqual(['delayed', 'delayed', 'delayed']);
  });

  it('promote runs delayed jobs now: those that fit, or one', async () => {
    expect(await shop.run(['jobs', 'promote', '--where', 'payload.number:>1', '--yes'])).toMatchObject({
      code: 0,
      stdout: '2\n',
    });
    expect(await states()).toEqual(['delayed', 'waiting', 'waiting']);
    expect(await shop.run(['jobs', 'promote', ids[0]!, ids[1]!])).toMatchObject({ code: 3, stdout: `${ids[0]}\n` });
    expect(await shop.run(['jobs', 'promote', ids[0]!])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('is not delayed but waiting'),
    });
  });

  it.skipIf(!HAS_TERMINAL)('remove asks on a terminal, and no is no', async () => {
    const remove = shop.start(['jobs', 'remove', '--status', 'pending', '--type', 'order'], { terminal: true });
    await remove.says(/Remove 3 jobs \(default 3\) in .*\? \[y\/N\] /);
    remove.child.stdin!.write('n\n');
    expect((await remove.finished).code).toBe(1);
    expect(await states()).toEqual(['waiting', 'waiting', 'waiting']);
  });

  it('cancel makes dead what waits, and duplicate adds another one like it', async () => {
    expect(await shop.json(['jobs', 'cancel', '--where', 'payload.number:1', '--yes'])).toEqual({ cancelled: 1 });
    expect(await states()).toEqual(['failed', 'waiting', 'waiting']);
    const both = await shop.run(['jobs', 'duplicate', ids[0]!, 'j_nothing', '--json']);
    expect(both.code).toBe(3);
    const { done, failed } = JSON.parse(both.stdout) as { done: string[]; failed: object[] };
    expect(failed).toMatchObject([{ id: 'j_nothing' }]);
    expect(await shop.json(['jobs', 'show', done[0]!])).toMatchObject({ state: 'waiting', payload: { number: 1 } });
    expect(await shop.run(['jobs', 'remove', done[0]!, '--yes'])).toMatchObject({ code: 0 });
  });

  it('remove removes', async () => {
    expect(await shop.json(['jobs', 'remove', '--where', 'payload.number:2..3', '--yes'])).toEqual({ removed: 2 });
    expect(await shop.run(['jobs', 'show', ids[2]!])).toMatchObject({ code: 5 });
  });
});

describe('edit', () => {
  let id: string;
  const payload = async () => (await shop.json(['jobs', 'show', id])).payload;
  const editor = (script: string) => ({ env: { EDITOR: `sh -c '${script}'` } });

  beforeAll(async () => {
    id = (await shop.run(['enqueue', 'order', '--payload', '{"number":7}', '--delay', '1h'])).stdout.trim();
  });

  it('opens the payload in an editor and stores what comes out', async () => {
    const edited = await shop.run(['jobs', 'edit', id], editor('sed -i s/7/8/ "$0"'));
    expect(edited).toMatchObject({ code: 0, stdout: `${id}\n` });
    expect(await payload()).toEqual({ number: 8 });
  });

  it.each([
    ['what the schema refuses', 'echo {\\"number\\":\\"x\\"} > "$0"', 2, 'number'],
    ['what is not JSON', 'echo nonsense > "$0"', 2, 'The payload is not JSON: line 1, column 1'],
    ['nothing new', 'true', 1, 'Nothing was changed'],
    ['what an editor that failed has left', 'exit 3', 1, 'The editor ended with exit code 3'],
  ])('does not store %s', async (_what, script, code, said) => {
    const refused = await shop.run(['jobs', 'edit', id], editor(script));
    expect(refused).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(said) });
    expect(await payload()).toEqual({ number: 8 });
  });

  it('takes flags instead, and needs an editor without them', async () => {
    expect(await shop.run(['jobs', 'edit', id])).toMatchObject({ code: 2, stderr: expect.stringContaining('$EDITOR') });
    expect(
      await shop.json(['jobs', 'edit', id, '--payload', '{"number":9}', '--delay', '0s', '--priority', '3']),
    ).toMatchObject({
      payload: { number: 9 },
      state: 'prioritized',
      priority: 3,
    });
    expect(await shop.run(['jobs', 'edit', id, '--payload', '{"number":"x"}'])).toMatchObject({ code: 2 });
    expect(await shop.run(['jobs', 'edit', 'nope', '--priority', '1'])).toMatchObject({ code: 5 });
  });

  it('changes only what nobody has taken yet', async () => {
    const [gone] = await shop.bury([{ message: 'no' }]);
    const refused = await shop.run(['jobs', 'edit', gone!, '--priority', '1']);
    expect(refused).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('is failed: only a job') });
    expect(await shop.run(['jobs', 'edit', gone!], editor('true'))).toMatchObject({ code: 1 });
  });
});

describe('logs --follow', () => {
  it('prints the lines of a job as they come, until it has ended', async () => {
    const id = (await shop.run(['enqueue', 'order', '--payload', '{"number":5}'])).stdout.trim();
    const follow = shop.start(['jobs', 'logs', '-f', id]);
    await follow.says(/Redis: /);
    await shop.run(['work', '--drain', '--log-level', 'silent']);
    const { code, stdout, stderr } = await follow.finished;
    expect(stdout).toMatch(/^\S+Z info taken \{"number":5\}\n$/);
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('The job is completed') });
  });
});
