import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { HAS_TERMINAL } from '../helpers/run-jq.ts';
import { openShop, SHOP, type Shop } from './shop.ts';

const ID = /^[ij]_[\w-]+$/;
let redis: TestRedis;
let shop: Shop;

beforeAll(async () => {
  redis = await startRedis();
  shop = openShop(redis);
});
afterAll(() => redis.stop());

const jq: Shop['run'] = (args, options) => shop.run(args, options);
const show = (id: string) => shop.json(['jobs', 'show', id]);
const count = async () => (await shop.json<{ total: number }>(['jobs', 'list'])).total;

describe('one job', () => {
  it('prints the id alone, and says on stderr which Redis was used', async () => {
    const { code, stdout, stderr } = await jq(['enqueue', 'order', '--payload', '{"number":1}']);
    expect(code).toBe(0);
    expect(stdout.trimEnd()).toMatch(ID);
    expect(stderr).toBe(`Redis: ${redis.url} (JQ_REDIS_URL)\n`);
    expect(await show(stdout.trim())).toMatchObject({
      type: 'order',
      queue: 'default',
      payload: { number: 1 },
      status: 'pending',
    });
  });

  it.skipIf(!HAS_TERMINAL)('tells a person what the id is for', async () => {
    const { stdout } = await jq(['enqueue', 'order', '--payload', '{"number":1}'], { terminal: true });
    expect(stdout).toMatch(/^j_\w+\nEnqueued order in queue default\. Follow it with: jq jobs show j_\w+$/m);
  });

  it.each([
    ['a file', ['--payload', '@order.json'], ''],
    ['stdin', ['--payload', '-'], '{"number": 7}'],
  ])('takes the payload from %s', async (_name, words, input) => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'jobqueue-enqueue-'));
    fs.writeFileSync(path.join(folder, 'order.json'), '{"number": 7}');
    const { stdout } = await jq(['enqueue', 'order', '--config', path.join(SHOP, 'jobqueue.config.ts'), ...words], {
      cwd: folder,
      input,
    });
    fs.rmSync(folder, { recursive: true });
    expect(await show(stdout.trim())).toMatchObject({ payload: { number: 7 } });
  });

  it('without a payload sends {}', async () => {
    const { stdout } = await jq(['enqueue', 'mail/welcome']);
    expect(await show(stdout.trim())).toMatchObject({ payload: {}, queue: 'mail' });
  });

  it('hands every option of the job on', async () => {
    const flags = ['--queue', 'mail', '--at', '2099-01-31T09:00:00Z', '--priority', '4', '--attempts', '9'];
    const more = ['--backoff', 'exponential:7s', '--timeout', '90s', '--expires-in', '1h'];
    const { stdout } = await jq(['enqueue', 'order', '--payload', '{"number":1}', ...flags, ...more]);
    const job = await show(stdout.trim());
    expect(job).toMatchObject({
      queue: 'mail',
      state: 'delayed',
      priority: 4,
      maxAttempts: 9,
      nextRunAt: '2099-01-31T09:00:00.000Z',
    });
  });

  it('stores the same idempotency key once, and refuses it for another payload', async () => {
    const order = (number: number) =>
      jq(['enqueue', 'order', '--id', 'order-1', '--payload', JSON.stringify({ number }), '--json']);
    const first = JSON.parse((await order(1)).stdout) as { id: string };
    expect(first).toMatchObject({ created: true });
    expect(JSON.parse((await order(1)).stdout)).toMatchObject({ id: first.id, created: false });
    const other = await order(2);
    expect(other.code).toBe(1);
    expect(JSON.parse(other.stderr)).toMatchObject({ error: { code: 'KEY_REUSED' } });
  });

  it('adds no second job while one with the same deduplication key waits', async () => {
    const add = () => jq(['enqueue', 'order', '--payload', '{"number":1}', '--dedupe', 'cart:42:10m']);
    const first = await add();
    expect((await add()).stdout).toBe(first.stdout);
  });
});

describe('bad input stores nothing and says what is wrong', () => {
  it.each([
    {
      name: 'broken JSON: line, column and the spot',
      args: ['order', '--payload', '{"number": 1,\n "note" "x"}'],
      code: 2,
      stderr: 'jq: --payload is not JSON: line 2, column 9: expected a colon\n   "note" "x"}\n          ^\n',
    },
    {
      name: 'a payload that the schema refuses: which field, what was expected',
      args: ['order', '--payload', '{"number":"one"}'],
      code: 2,
      stderr: /^jq: The payload of order was refused: number: .*expected number/m,
    },
    {
      name: 'an unknown type: the nearest name',
      args: ['ordre'],
      code: 5,
      stderr: /No handler has the type "ordre".*\nDid you mean "order"\?/,
    },
    {
      name: 'an unknown queue: the nearest name',
      args: ['order', '--payload', '{"number":1}', '--queue', 'maill'],
      code: 5,
      stderr: /Did you mean "mail"\?/,
    },
    {
      name: 'a misspelt flag: the nearest one',
      args: ['order', '--paylod', '{}'],
      code: 2,
      stderr: "jq: Unknown option '--paylod'\nDid you mean --payload? See: jq enqueue --help\n",
    },
    {
      name: 'a bad value: what was expected, what was got',
      args: ['order', '--delay', 'soon'],
      code: 2,
      stderr: /^jq: Expected --delay to be a duration such as .*, got "soon"$/m,
    },
    {
      name: 'two times',
      args: ['order', '--payload', '{"number":1}', '--delay', '1s', '--at', '2h'],
      code: 2,
      stderr: /Expected `delay` or `at`, got both/,
    },
    {
      name: 'a missing file',
      args: ['order', '--payload', '@nowhere.json'],
      code: 2,
      stderr: 'jq: Cannot read nowhere.json: no such file\n',
    },
    { name: 'no type', args: [], code: 2, stderr: /^jq: Expected a TYPE, or --file/ },
  ])('$name', async ({ args, code, stderr }) => {
    const before = await count();
    const finished = await jq(['enqueue', ...args, '--quiet']);
    expect(finished).toMatchObject({ code, stdout: '' });
    expect(finished.stderr).toMatch(stderr);
    expect(finished.stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(3);
    expect(await count()).toBe(before);
  });

  it('as JSON, with the particulars', async () => {
    const { stderr } = await jq(['enqueue', 'order', '--payload', '{"number":"one"}', '--json']);
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'INVALID_PAYLOAD', details: [{ path: 'number' }] } });
  });

  it('--allow-unknown takes types and queues of other programs', async () => {
    const { code, stdout } = await jq(['enqueue', 'far-away', '--queue', 'elsewhere', '--allow-unknown']);
    expect(code).toBe(0);
    expect(await show(stdout.trim())).toMatchObject({ type: 'far-away', queue: 'elsewhere' });
  });
});

describe('--wait', () => {
  it('prints the finished job, exits 1 when it died and 124 when it takes too long', async () => {
    const worker = shop.start(['work', '--log-level', 'info']);
    await worker.says(/"working"/);
    const done = await jq(['enqueue', 'order', '--payload', '{"number":5}', '--wait=20s', '--json']);
    expect(done.code).toBe(0);
    expect(JSON.parse(done.stdout)).toMatchObject({ status: 'completed', attempts: 1, result: { taken: 5 } });

    const line = await jq(['enqueue', '--wait', 'order', '--payload', '{"number":6}']);
    expect(line.stdout).toMatch(/^j_\w+\tcompleted\t{"taken":6}\n$/);

    const dead = await jq(['enqueue', 'explode', '--wait', '--json']);
    expect(dead.code).toBe(1);
    expect(JSON.parse(dead.stdout)).toMatchObject({ status: 'failed', error: 'boom' });
    expect(JSON.parse(dead.stderr)).toMatchObject({ error: { code: 'JOB_FAILED' } });

    const slow = await jq(['enqueue', 'stubborn', '--wait=50ms', '--quiet']);
    expect(slow).toMatchObject({ code: 124, stdout: '' });
    expect(slow.stderr).toMatch(/^jq: Job j_\w+ is still \w+ after 50ms\n/);
  });
});

describe('--file', () => {
  const LINES = [
    '{"type":"order","payload":{"number":1}}',
    '{"type":"order","payload":{"number":"two"}}',
    '{"type":"order",}',
    '',
    '{"type":"ordre"}',
    '{"type":"order","payload":{"number":3},"optoins":{}}',
    '{"type":"order","payload":{"number":4},"options":{"delay":"1h"}}',
  ].join('\n');

  it('stores all lines and prints their ids in order', async () => {
    const input = [1, 2, 3].map((number) => JSON.stringify({ type: 'order', payload: { number } })).join('\n');
    const { code, stdout } = await jq(['enqueue', '--file', '-', '--queue', 'bulk', '--allow-unknown'], { input });
    expect(code).toBe(0);
    const jobs = await Promise.all(stdout.trim().split('\n').map(show));
    expect(jobs).toMatchObject([1, 2, 3].map((number) => ({ queue: 'bulk', payload: { number } })));
  });

  it('names every bad line by its number and the reason, and stores nothing', async () => {
    const before = await count();
    const { code, stdout, stderr } = await jq(['enqueue', '--file', '-'], { input: LINES });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^line 2: The payload of order was refused: number: /m);
    expect(stderr).toMatch(/^line 3: not JSON, column 17: expected a property name/m);
    expect(stderr).toMatch(/^line 5: No handler has the type "ordre".*Did you mean "order"\?$/m);
    expect(stderr).toMatch(/^line 6: unknown field "optoins"\. Did you mean "options"\?$/m);
    expect(stderr).toMatch(/^jq: Nothing was stored: 4 lines are wrong in stdin, first line 2: /m);
    expect(await count()).toBe(before);
  });

  it('--skip-invalid stores the good ones and exits 3', async () => {
    const { code, stdout, stderr } = await jq(['enqueue', '--file', '-', '--skip-invalid'], { input: LINES });
    expect(code).toBe(3);
    const jobs = await Promise.all(stdout.trim().split('\n').map(show));
    expect(jobs).toMatchObject([
      { state: 'waiting', payload: { number: 1 } },
      { state: 'delayed', payload: { number: 4 } },
    ]);
    expect(stderr).toMatch(/jq: Stored 2 jobs, left out 4 lines\n$/);
  });

  it('says how far it came when it stops in the middle', async () => {
    const orders = Array.from({ length: 500 }, () => '{"type":"order","payload":{"number":1}}');
    // The configuration lets 50 jobs wait in the queue `mail`.
    const mails = Array.from({ length: 51 }, () => '{"type":"mail/welcome"}');
    const { code, stdout, stderr } = await shop.run(['enqueue', '--file', '-'], {
      input: [...orders, ...mails].join('\n'),
    });
    expect(code).toBe(3);
    expect(stdout.trim().split('\n')).toHaveLength(500);
    expect(stderr).toMatch(/^jq: Stored the first 500 of 551 jobs, then: Queue mail is full: /m);
  });

  it('is about many jobs only', async () => {
    const { code, stderr } = await jq(['enqueue', 'order', '--file', 'jobs.jsonl']);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'jq: Expected --file jobs.jsonl without a TYPE: each line says what its job is\n',
    });
  });
});
