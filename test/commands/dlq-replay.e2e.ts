import fs from 'node:fs';
import path from 'node:path';
import { Queue, UnrecoverableError, Worker } from 'bullmq';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openQuickRedis } from '../../src/broker/quick-redis.ts';
import type { Redis } from '../../src/broker/redis.ts';
import { parseTarget } from '../../src/broker/target.ts';
import { readKeyspace } from '../helpers/keyspace.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { HAS_TERMINAL } from '../helpers/run-jq.ts';
import { folderOf } from '../helpers/write-files.ts';
import { openShop, type Shop } from './shop.ts';

let server: TestRedis;
let redis: Redis;
let shop: Shop;

beforeAll(async () => {
  server = await startRedis();
  redis = await openQuickRedis(parseTarget(server.url, 'test'));
  shop = openShop(server);
});
afterEach(() => redis.call('FLUSHALL'));
afterAll(async () => {
  await redis.close();
  await server.stop();
});

interface Plain {
  id: string;
  type?: string;
  payload?: object;
  error?: Error;
  priority?: number;
}

/** Dead letters of plain BullMQ, which knows nothing of this program. Returns the dead part of Redis. */
async function buryPlain(jobs: readonly Plain[], name = 'mail'): Promise<void> {
  const connection = { path: server.socketPath };
  const queue = new Queue(name, { connection });
  onTestFinished(() => queue.close());
  const errors = new Map(jobs.map(({ id, error }) => [id, error ?? new UnrecoverableError('boom')]));
  for (const { id, type = 'explode', payload = {}, priority } of jobs) {
    await queue.add(type, payload, { jobId: id, attempts: 1, ...(priority === undefined ? {} : { priority }) });
  }
  const worker = new Worker(name, (job) => Promise.reject(errors.get(job.id!)!), { connection });
  await expect.poll(() => queue.getFailedCount()).toBe(jobs.length);
  await worker.close();
}

const dead = async (...flags: string[]): Promise<string[]> =>
  (await shop.run(['dlq', 'list', '--output', 'id', ...flags])).stdout.split('\n').filter(Boolean).toSorted();
const field = (id: string, name: string, queue = 'mail') => redis.call('HGET', `bull:${queue}:${id}`, name);
/** What must be as it was; events and figures only grow. */
const keyspace = async () => {
  const all = await readKeyspace(redis, 'bull:*');
  return Object.fromEntries(Object.entries(all).filter(([key]) => !/:(events|marker|pc|metrics:.*)$/.test(key)));
};

const FAILURES: readonly Plain[] = [
  { id: 'a', error: new UnrecoverableError('connect ECONNREFUSED 10.0.0.5:587') },
  { id: 'b', error: new UnrecoverableError('connect ECONNREFUSED 10.0.7.9:587') },
  { id: 'c', error: new TypeError('connect ECONNREFUSED 10.0.0.5:587') },
  { id: 'd', error: new UnrecoverableError("Cannot find 'ada@example.com' in order 17") },
  { id: 'e', type: 'order', error: new UnrecoverableError("Cannot find 'bob@example.com' in order 18") },
];

describe('groups', () => {
  it('are told by type, name of the error and folded message', async () => {
    await buryPlain(FAILURES);
    const { groups, ...rest } = await shop.json<{ groups: Record<string, unknown>[]; total: number }>([
      'dlq',
      'groups',
    ]);
    expect(rest).toMatchObject({ total: 5, complete: true });
    const fingerprint = expect.stringMatching(/^[\da-f]{12}$/) as string;
    const time = expect.stringMatching(/^\d{4}-.*Z$/) as string;
    const refused = 'connect ECONNREFUSED <address>';
    const missing = 'Cannot find <text> in order <n>';
    const facts = { fingerprint, queues: ['mail'], firstAt: time, lastAt: time };
    expect(groups[0]).toEqual({
      ...facts,
      type: 'explode',
      errorName: 'UnrecoverableError',
      error: refused,
      count: 2,
      sampleId: 'b',
      trend: [...Array.from({ length: 23 }, () => 0), 2],
    });
    expect(
      groups
        .slice(1)
        .map(({ type, errorName, error, count }) => [type, errorName, error, count])
        .toSorted(),
    ).toEqual([
      ['explode', 'TypeError', refused, 1],
      ['explode', 'UnrecoverableError', missing, 1],
      ['order', 'UnrecoverableError', missing, 1],
    ]);
    const { stdout } = await shop.run(['dlq', 'groups', '--type', 'order', '--output', 'id']);
    expect(stdout).toMatch(/^[\da-f]{12}\n$/);
    expect(await dead('--group', stdout.trim())).toEqual(['e']);
  });

  it('can be replayed and removed, and nothing else is', async () => {
    await buryPlain(FAILURES);
    const [largest] = (await shop.run(['dlq', 'groups', '--output', 'id'])).stdout.split('\n') as [string];
    const dry = await shop.run(['dlq', 'replay', '--group', largest, '--dry-run']);
    expect(dry).toMatchObject({ code: 0, stdout: 'mail\t2\n' });
    expect(dry.stderr).toContain(`To do it with 2 dead letters: jq dlq replay --group ${largest}\n`);
    expect(await shop.run(['dlq', 'replay', '--group', largest, '--yes'])).toMatchObject({ code: 0, stdout: '2\n' });
    expect(await dead()).toEqual(['c', 'd', 'e']);
    expect(await shop.run(['dlq', 'replay', '--group', largest, '--yes'])).toMatchObject({ code: 0, stdout: '0\n' });
    expect(await shop.run(['dlq', 'remove', '--group', 'largest', '--yes'])).toMatchObject({ code: 2 });
  });
});

describe('--set', () => {
  it('changes the payload of each with the move, and leaves the rest of it as it is', async () => {
    await buryPlain([
      { id: 'a', payload: { to: { name: 'Ada' }, tags: ['x'], huge: 1 } },
      { id: 'b', payload: { to: { name: 'Bob' }, tags: ['y'] } },
    ]);
    await redis.call('HSET', 'bull:mail:a', 'data', '{"to":{"name":"Ada"},"tags":["x"],"huge":12345678901234567890}');
    const set = ['--set', 'to.region=eu', '--set', 'tags.1=7', '--set', 'note="5"'];
    expect(await shop.run(['dlq', 'replay', '--queue', 'mail', ...set, '--yes'])).toMatchObject({
      code: 0,
      stdout: '2\n',
    });
    expect(await field('a', 'data')).toBe(
      '{"to":{"name":"Ada","region":"eu"},"tags":["x",7],"huge":12345678901234567890,"note":"5"}',
    );
    expect(JSON.parse((await field('b', 'data')) as string)).toMatchObject({ to: { region: 'eu' }, tags: ['y', 7] });
  });

  it('that a schema refuses changes nothing, not even the first one', async () => {
    await buryPlain([
      { id: 'a', type: 'order', payload: { number: 1 } },
      { id: 'b', type: 'order', payload: {} },
    ]);
    const before = await keyspace();
    const refused = await shop.run(['dlq', 'replay', '--all', '--set', 'note=late', '--yes']);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('Job b: The payload of order was refused: number');
    expect(await shop.run(['dlq', 'replay', '--all', '--set', 'number.x=1', '--yes'])).toMatchObject({ code: 2 });
    expect(await shop.run(['dlq', 'replay', '--all', '--set', 'nothing', '--yes'])).toMatchObject({ code: 2 });
    expect(await keyspace()).toEqual(before);
    expect(await shop.run(['dlq', 'replay', '--all', '--set', 'number=7', '--yes'])).toMatchObject({
      code: 0,
      stdout: '2\n',
    });
  });

  it('of a type without a handler needs --allow-unknown', async () => {
    await buryPlain([{ id: 'a', type: 'elsewhere' }]);
    expect(await shop.run(['dlq', 'replay', 'a', '--set', 'x=1', '--yes'])).toMatchObject({ code: 5 });
    expect(await shop.run(['dlq', 'replay', 'a', '--set', 'x=1', '--allow-unknown', '--yes'])).toMatchObject({
      code: 0,
    });
    expect(await field('a', 'data')).toBe('{"x":1}');
  });
});

describe('--edit', () => {
  const editor = async (script: string): Promise<{ EDITOR: string }> => {
    const folder = await folderOf({ 'editor.sh': `#!/bin/sh\n${script}\n` });
    return { EDITOR: path.join(folder, 'editor.sh') };
  };

  it('replays one with what the editor left, checked by the schema', async () => {
    await buryPlain([{ id: 'a', type: 'order', payload: { number: 1 } }]);
    const env = await editor('cat "$1" >&2; sed -i s/1/2/ "$1"');
    const { code, stdout, stderr } = await shop.run(['dlq', 'replay', 'a', '--edit', '--yes'], { env });
    expect({ code, stdout }).toEqual({ code: 0, stdout: '1\n' });
    expect(stderr).toContain('{\n  "number": 1\n}\n');
    expect(await field('a', 'data')).toBe('{"number":2}');
  });

  it.each([
    ['an editor that fails', 'exit 3', 1, 'ended with exit code 3'],
    ['what is not JSON', 'echo "{" > "$1"', 2, 'The payload is not JSON: line'],
    ['what the schema refuses', 'echo "{}" > "$1"', 2, 'The payload of order was refused: number'],
  ])('does nothing after %s', async (_name, script, code, says) => {
    await buryPlain([{ id: 'a', type: 'order', payload: { number: 1 } }]);
    const before = await keyspace();
    const result = await shop.run(['dlq', 'replay', 'a', '--edit', '--yes'], { env: await editor(script) });
    expect(result.code).toBe(code);
    expect(result.stderr).toContain(says);
    expect(await keyspace()).toEqual(before);
  });

  it('is for one', async () => {
    expect(await shop.run(['dlq', 'replay', 'a', 'b', '--edit', '--yes'])).toMatchObject({ code: 2 });
    expect(await shop.run(['dlq', 'replay', '--all', '--edit', '--yes'])).toMatchObject({ code: 2 });
    expect(await shop.run(['dlq', 'replay', 'nope', '--edit', '--yes'])).toMatchObject({ code: 5 });
  });
});

describe('--to', () => {
  it('puts them into another queue, with their log, and under a new number where the id is one', async () => {
    await buryPlain([{ id: 'a', priority: 3 }, { id: 'b' }]);
    await redis.call('RPUSH', 'bull:mail:a:logs', 'a line');
    await redis.call('RENAME', 'bull:mail:b', 'bull:mail:7');
    await redis.pipeline([
      ['ZREM', 'bull:mail:failed', 'b'],
      ['ZADD', 'bull:mail:failed', 1, '7'],
      ['SET', 'bull:default:id', '41'],
    ]);
    expect(await shop.run(['dlq', 'replay', '--all', '--to', 'default', '--yes'])).toMatchObject({
      code: 0,
      stdout: '2\n',
    });
    const queue = new Queue('default', { connection: { path: server.socketPath } });
    onTestFinished(() => queue.close());
    expect((await queue.getPrioritized()).map(({ id }) => id)).toEqual(['a']);
    expect((await queue.getWaiting()).map(({ id, name }) => [id, name])).toEqual([['42', 'explode']]);
    expect(await redis.call('LRANGE', 'bull:default:a:logs', 0, -1)).toEqual(['a line']);
    expect(await redis.call('EXISTS', 'bull:mail:a', 'bull:mail:7', 'bull:mail:a:logs', 'bull:mail:failed')).toBe(0);
  });

  it('leaves one whose id is taken there, says so, and exits 3', async () => {
    await buryPlain([{ id: 'a' }, { id: 'b' }]);
    await redis.call('HSET', 'bull:default:a', 'name', 'another', 'timestamp', 1);
    const some = await shop.run(['dlq', 'replay', 'a', 'b', '--to', 'default', '--yes']);
    expect(some).toMatchObject({ code: 3, stdout: '1\n' });
    expect(some.stderr).toContain(
      'Replayed 1 of 2 jobs: the others are part of a flow, or default has a job with their id',
    );
    expect(await dead()).toEqual(['a']);
    expect(await shop.run(['dlq', 'replay', 'a', '--to', 'defualt', '--yes'])).toMatchObject({ code: 5 });
  });
});

it('an id that is dead in several queues needs --queue', async () => {
  await buryPlain([{ id: 'a' }]);
  await buryPlain([{ id: 'a' }, { id: 'b' }], 'reports');
  await shop.run(['queues', 'list']);
  const both = await shop.run(['dlq', 'replay', 'a', '--yes']);
  expect(both.code).toBe(2);
  expect(both.stderr).toContain('There is a dead letter "a" in several queues: mail, reports');
  expect(await shop.run(['dlq', 'replay', 'a', '--queue', 'reports', '--yes'])).toMatchObject({ code: 0 });
  expect(await shop.run(['dlq', 'replay', 'a', '--yes'])).toMatchObject({ code: 0 });
});

describe('--undo', () => {
  it('makes those that still wait dead again, as they were', async () => {
    await buryPlain([...FAILURES, { id: 'urgent', priority: 2 }]);
    const before = await keyspace();
    const { batch } = await shop.json(['dlq', 'replay', '--all', '--set', 'number=1', '--yes']);
    const undo = ['dlq', 'replay', '--undo', String(batch)];
    expect(await shop.run([...undo, '--dry-run'])).toMatchObject({ code: 0, stdout: 'mail\t6\n' });
    expect(await shop.run(undo)).toMatchObject({ code: 2 });
    expect(await dead()).toEqual([]);
    expect(await shop.json([...undo, '--yes'])).toEqual({ undone: 6, batch });
    expect(await keyspace()).toEqual(before);
    expect(await shop.json([...undo, '--yes'])).toEqual({ undone: 0, batch });
  });

  it('brings them back from another queue', async () => {
    await buryPlain([{ id: 'a' }, { id: 'b' }]);
    await redis.call('RENAME', 'bull:mail:b', 'bull:mail:7');
    await redis.pipeline([
      ['ZREM', 'bull:mail:failed', 'b'],
      ['ZADD', 'bull:mail:failed', 1, '7'],
    ]);
    const before = await keyspace();
    const { batch } = await shop.json(['dlq', 'replay', '--all', '--to', 'default', '--yes']);
    expect(await shop.json(['dlq', 'replay', '--undo', String(batch), '--yes'])).toEqual({ undone: 2, batch });
    expect(await keyspace()).toEqual({ ...before, 'bull:default:id': '1' });
  });

  it('leaves those that were started, or are of another replay', async () => {
    await buryPlain(FAILURES);
    const first = await shop.json(['dlq', 'replay', 'a', 'b', '--yes']);
    const second = await shop.json(['dlq', 'replay', 'c', '--yes']);
    await redis.call('HSET', 'bull:mail:a', 'processedOn', 5);
    expect(await shop.json(['dlq', 'replay', '--undo', String(first.batch), '--yes'])).toMatchObject({ undone: 1 });
    expect(await dead()).toEqual(['b', 'd', 'e']);
    expect(await shop.json(['dlq', 'replay', '--undo', String(second.batch), '--yes'])).toMatchObject({ undone: 1 });
  });

  it('knows the replays there were, and goes with nothing else', async () => {
    await buryPlain([{ id: 'a' }]);
    const { batch } = await shop.json(['dlq', 'replay', 'a', '--yes']);
    const unknown = await shop.run(['dlq', 'replay', '--undo', 'r_1', '--yes']);
    expect(unknown.code).toBe(5);
    expect(unknown.stderr).toContain(`The last ones: ${String(batch)}`);
    expect(await shop.run(['dlq', 'replay', '--undo', 'r_1', '--type', 'x', '--yes'])).toMatchObject({ code: 2 });
  });
});

describe.skipIf(!HAS_TERMINAL)('on a terminal', () => {
  it('Esc stops between two batches, and says how to go on', async () => {
    await buryPlain(FAILURES);
    const replay = shop.start(['dlq', 'replay', '--all', '--rate', '1/s'], { terminal: true });
    await replay.says(/\[y\/N\] /);
    replay.child.stdin!.write('y\n');
    await replay.says(/replayed 1\/5/);
    replay.child.stdin!.write('\u001b');
    const { code, stdout } = await replay.finished;
    expect(code).toBe(3);
    expect(stdout).toMatch(/Stopped after [1-4] of 5\. To go on: jq dlq replay --until \S+Z --rate 1\/s/);
    const left = await dead();
    expect(left.length).toBeGreaterThan(0);
    expect(left.length).toBeLessThan(5);
  });
});

describe('archive and import', () => {
  const lines = (file: string) => fs.readFileSync(file, 'utf8').trimEnd().split('\n');

  it('move dead letters into a file and back, with all that belongs to them', async () => {
    await buryPlain(FAILURES);
    await redis.pipeline([
      ['RPUSH', 'bull:mail:a:logs', 'a line', 'ü'],
      ['HSET', 'jq:bull:once:{mail}:a', 'send', 'D1'],
    ]);
    const before = await keyspace();
    const cwd = await folderOf();
    const archive = ['dlq', 'archive', '--all', '--to', path.join(cwd, 'dead.jsonl')];
    expect(await shop.run(archive)).toMatchObject({ code: 2 });
    expect(await shop.run([...archive, '--dry-run'])).toMatchObject({ code: 0, stdout: 'mail\t5\n' });
    expect(await dead()).toHaveLength(5);
    expect(await shop.json([...archive, '--yes'])).toEqual({ archived: 5, file: path.join(cwd, 'dead.jsonl') });
    expect(await redis.call('KEYS', 'bull:mail:?')).toEqual([]);
    expect(await redis.call('KEYS', 'jq:bull:once:*')).toEqual([]);
    expect(fs.readdirSync(cwd)).toEqual(['dead.jsonl']);
    expect(fs.statSync(path.join(cwd, 'dead.jsonl')).mode & 0o777).toBe(0o600);
    expect(JSON.parse(lines(path.join(cwd, 'dead.jsonl'))[0]!)).toMatchObject({
      jobqueue: 1,
      queue: 'mail',
      id: 'a',
      type: 'explode',
      error: 'connect ECONNREFUSED 10.0.0.5:587',
      fields: { name: 'explode', data: '{}' },
      logs: ['a line', 'ü'],
      once: { send: 'D1' },
    });

    const bring = ['dlq', 'import', path.join(cwd, 'dead.jsonl')];
    expect(await shop.run(bring)).toMatchObject({ code: 2 });
    expect(await shop.run([...bring, '--dry-run'])).toMatchObject({ code: 0, stdout: 'mail\t5\n' });
    expect(await shop.json([...bring, '--yes'])).toEqual({ imported: 5, present: 0, taken: 0 });
    expect(await keyspace()).toEqual(before);
    expect(await redis.call('HGETALL', 'jq:bull:once:{mail}:a')).toEqual(['send', 'D1']);
    expect(await shop.json([...bring, '--yes'])).toEqual({ imported: 0, present: 5, taken: 0 });
    expect(await keyspace()).toEqual(before);
  });

  it('add to a compressed file, by age, and replay what comes back', async () => {
    await buryPlain(FAILURES);
    await redis.call('ZADD', 'bull:mail:failed', 1000, 'a', 2000, 'b');
    const file = path.join(await folderOf(), 'dead.jsonl.gz');
    const archive = ['dlq', 'archive', '--older', '30d', '--to', file, '--yes'];
    expect(await shop.run([...archive, '--limit', '1'])).toMatchObject({ code: 0, stdout: '1\n' });
    expect(await dead()).toEqual(['b', 'c', 'd', 'e']);
    expect(await shop.run(archive)).toMatchObject({ code: 0, stdout: '1\n' });
    expect(await shop.run(archive)).toMatchObject({ code: 0, stdout: '0\n' });
    const imported = await shop.json(['dlq', 'import', file, '--replay', '--yes']);
    expect(imported).toMatchObject({ imported: 2, replayed: 2, batch: /^r_/ });
    expect(await redis.call('LRANGE', 'bull:mail:wait', 0, -1)).toEqual(['b', 'a']);
    const again = await shop.run(['dlq', 'import', file, '--yes']);
    expect(again.code).toBe(3);
    expect(again.stderr).toContain('Imported 0 of 2 dead letters: there is another job with their id');
  });

  it('keeps the numbers of BullMQ ahead of what comes back', async () => {
    await buryPlain([{ id: 'a' }]);
    await redis.pipeline([
      ['RENAME', 'bull:mail:a', 'bull:mail:17'],
      ['ZREM', 'bull:mail:failed', 'a'],
      ['ZADD', 'bull:mail:failed', 1, '17'],
    ]);
    const file = path.join(await folderOf(), 'dead.jsonl');
    await shop.run(['dlq', 'archive', '17', '--to', file, '--yes']);
    await redis.call('FLUSHALL');
    expect(await shop.run(['dlq', 'import', file, '--yes'])).toMatchObject({ code: 0, stdout: '1\n' });
    expect(await redis.call('GET', 'bull:mail:id')).toBe('17');
    expect(await dead('--queue', 'mail')).toEqual(['17']);
  });

  it('after a death in the middle leave each letter in one place, and none twice in the file', async () => {
    await buryPlain(FAILURES);
    const folder = await folderOf();
    const file = path.join(folder, 'dead.jsonl');
    await shop.run(['dlq', 'archive', 'a', 'b', '--to', file, '--yes']);
    const [a, b] = lines(file) as [string, string];
    // As it is when b was written in part, or whole, but not yet removed.
    await redis.call('FLUSHALL');
    await buryPlain([{ id: 'z' }]);
    for (const part of [a, `${a}\n${b.slice(0, 40)}`, `${a}\n${b}\n`]) {
      await redis.call('FLUSHALL');
      fs.writeFileSync(path.join(folder, 'b.jsonl'), `${b}\n`);
      await shop.run(['dlq', 'import', path.join(folder, 'b.jsonl'), '--yes']);
      fs.writeFileSync(file, part.startsWith(`${a}\n`) ? part : `${a}\n`);
      fs.writeFileSync(`${file}.journal`, `{"size":${Buffer.byteLength(a) + 1}}\n${b}\n`);
      // The lock of a run that was killed is old by the time that somebody comes.
      fs.mkdirSync(`${file}.lock`);
      fs.utimesSync(`${file}.lock`, 1, 1);
      expect(await shop.run(['dlq', 'archive', '--all', '--to', file, '--yes'])).toMatchObject({
        code: 0,
        stdout: '1\n',
      });
      expect(lines(file)).toEqual([a, b]);
      expect(await dead()).toEqual([]);
      expect(fs.existsSync(`${file}.journal`)).toBe(false);
    }
  });

  it('refuse what is no archive, and change nothing', async () => {
    await buryPlain([{ id: 'a' }]);
    const before = await keyspace();
    const folder = await folderOf({ 'notes.txt': 'mine', 'bad.jsonl': '{"jobqueue":1}\n\nnot json\n', 'bad.gz': 'x' });
    const into = await shop.run(['dlq', 'archive', 'a', '--to', path.join(folder, 'notes.txt'), '--yes']);
    expect(into.code).toBe(2);
    expect(fs.readFileSync(path.join(folder, 'notes.txt'), 'utf8')).toBe('mine');
    expect((await shop.run(['dlq', 'archive', 'a', '--to', path.join(folder, 'no/where'), '--yes'])).code).toBe(1);
    expect(await shop.run(['dlq', 'archive', 'a', '--yes'])).toMatchObject({ code: 2 });
    expect(await shop.run(['dlq', 'archive', '--to', 'x', '--yes'])).toMatchObject({ code: 2 });
    const bad = await shop.run(['dlq', 'import', path.join(folder, 'bad.jsonl'), '--yes']);
    expect(bad.code).toBe(2);
    expect(bad.stderr).toContain('2 lines are wrong');
    expect(bad.stderr).toContain('first line 1: expected "queue"');
    for (const name of ['bad.gz', 'nowhere.jsonl']) {
      expect(await shop.run(['dlq', 'import', path.join(folder, name), '--yes'])).toMatchObject({ code: 2 });
    }
    expect(await keyspace()).toEqual(before);
  });
});
