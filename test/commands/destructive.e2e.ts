import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isGroup } from '../../commands/framework/define-command.ts';
import { COMMANDS } from '../../commands/index.ts';
import { openQuickRedis } from '../../src/broker/quick-redis.ts';
import type { Redis } from '../../src/broker/redis.ts';
import { parseTarget } from '../../src/broker/target.ts';
import { readKeyspace } from '../helpers/keyspace.ts';
import { plantJobs } from '../helpers/plant-jobs.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { HAS_TERMINAL, runJq, startJq } from '../helpers/run-jq.ts';
import { folderOf } from '../helpers/write-files.ts';

/** Every form of a command that deletes jobs, or moves many of them at once. */
interface Form {
  words: string[];
  /** Where the manual tells what `--json` prints: a row of a table, and the fields; the same of a dry run. */
  row: string;
  json: string;
  dry: string;
  /** What has to have been done before; what it prints is for {@link words}. */
  first?: string[];
}

const FOUND = '{total, byQueue, samples, command}';
const [BY_IDS, BY_FILTER, QUEUES] = ['by ids', 'the same by a filter', 'queues drain'];

const FORMS: Form[] = [
  { words: ['dlq', 'replay', '--all'], row: 'jq dlq replay`', json: '{replayed, batch}', dry: FOUND },
  {
    first: ['dlq', 'replay', '--all', '--yes', '--json'],
    words: ['dlq', 'replay', '--undo', 'BATCH'],
    row: 'jq dlq replay --undo',
    json: '{undone, batch}',
    dry: '{total, byQueue}',
  },
  { words: ['dlq', 'remove', 'dead'], row: 'jq dlq remove', json: '{removed}', dry: FOUND },
  { words: ['dlq', 'remove', '--all'], row: 'jq dlq remove', json: '{removed}', dry: FOUND },
  {
    words: ['dlq', 'archive', '--all', '--to', 'dead.jsonl'],
    row: 'jq dlq archive',
    json: '{archived, file}',
    dry: FOUND,
  },
  {
    first: ['dlq', 'archive', '--all', '--to', 'dead.jsonl', '--yes'],
    words: ['dlq', 'import', 'dead.jsonl'],
    row: 'jq dlq import',
    json: '{imported, present, taken}',
    dry: '{total, byQueue}',
  },
  {
    first: ['dlq', 'archive', '--all', '--to', 'dead.jsonl', '--yes'],
    words: ['dlq', 'import', 'dead.jsonl', '--replay'],
    row: 'jq dlq import',
    json: '{imported, present, taken, replayed, batch}',
    dry: '{total, byQueue}',
  },
  { words: ['jobs', 'remove', 'w1', 'dead'], row: BY_IDS, json: '{done, failed}', dry: FOUND },
  { words: ['jobs', 'remove', '--queue', 'mail'], row: BY_FILTER, json: '{removed}', dry: FOUND },
  { words: ['jobs', 'retry', '--all'], row: BY_FILTER, json: '{retried}', dry: FOUND },
  { words: ['jobs', 'promote', '--all'], row: BY_FILTER, json: '{promoted}', dry: FOUND },
  { words: ['jobs', 'cancel', '--all'], row: BY_FILTER, json: '{cancelled}', dry: FOUND },
  { words: ['queues', 'drain', 'mail'], row: QUEUES, json: '{removed}', dry: FOUND },
  { words: ['queues', 'drain', 'mail', '--delayed'], row: QUEUES, json: '{removed}', dry: FOUND },
  { words: ['queues', 'remove', 'mail'], row: 'queues remove', json: '{queue, removed}', dry: FOUND },
  {
    words: ['queues', 'clean', 'mail', '--state', 'failed', '--older', '1s'],
    row: QUEUES,
    json: '{removed}',
    dry: FOUND,
  },
];

let server: TestRedis;
let redis: Redis;
let cwd: string;

beforeAll(async () => {
  server = await startRedis();
  redis = await openQuickRedis(parseTarget(server.url, 'test'));
});
afterAll(async () => {
  await redis.close();
  await server.stop();
});
beforeEach(async () => {
  cwd = await folderOf({});
  await redis.call('FLUSHALL');
  await plantJobs(redis, [
    { id: 'w1', state: 'waiting' },
    { id: 'w2', state: 'waiting' },
    { id: 'later', state: 'delayed', score: 4e12 },
    { id: 'dead', state: 'failed', fields: { failedReason: 'boom' } },
    { id: 'gone', state: 'failed', fields: { failedReason: 'boom' } },
  ]);
});

const options = () => ({ cwd, env: { JQ_REDIS_URL: server.url } });
const run = (words: readonly string[]) => runJq(words, options());
const state = async () => ({ jobs: await readKeyspace(redis, 'bull:*'), files: fs.readdirSync(cwd) });
const fieldsOf = (json: string): string[] => Object.keys(JSON.parse(json) as object).toSorted();
const fieldsIn = (text: string): string[] => text.slice(1, -1).split(', ').toSorted();

/** @returns the words of a form, when what comes before it is done */
async function prepare({ words, first }: Form): Promise<string[]> {
  if (!first) return words;
  const { code, stdout } = await run(first);
  expect(code).toBe(0);
  if (!words.includes('BATCH')) return words;
  const { batch } = JSON.parse(stdout) as { batch: string };
  return words.map((word) => (word === 'BATCH' ? batch : word));
}

describe.each(FORMS.map((form) => [form.words.join(' '), form] as const))('jq %s', (_name, form) => {
  it('off a terminal needs --yes, and tells before what it would do', async () => {
    const words = await prepare(form);
    const before = await state();

    const [refused, dry, text] = await Promise.all([
      run(words),
      run([...words, '--dry-run', '--json']),
      run([...words, '--dry-run']),
    ]);
    expect(refused).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('Add --yes') as string });
    expect(dry).toMatchObject({ code: 0 });
    expect(fieldsOf(dry.stdout)).toEqual(fieldsIn(form.dry));
    expect(JSON.parse(dry.stdout)).toMatchObject({ byQueue: { mail: expect.any(Number) as number } });
    expect(text).toMatchObject({ code: 0, stdout: expect.stringMatching(/^mail\t\d\n$/) as string });
    expect(text.stderr).toContain('Nothing was done');
    expect(await state()).toEqual(before);

    const done = await run([...words, '--yes', '--json']);
    expect(done.code).toBe(0);
    expect(fieldsOf(done.stdout)).toEqual(fieldsIn(form.json));
    expect(await state()).not.toEqual(before);
  });

  it.skipIf(!HAS_TERMINAL)('asks on a terminal, naming the Redis, and does nothing without an answer', async () => {
    const words = await prepare(form);
    const before = await state();
    const asking = startJq(words, { ...options(), terminal: true });
    await asking.says(/\[y\/N\] /);
    asking.child.stdin!.write('\n');
    const { code, stdout } = await asking.finished;
    expect([code, stdout]).toEqual([1, expect.stringContaining(`${server.url}? [y/N]`)]);
    expect(await state()).toEqual(before);
  });
});

it('an id that is nowhere is named by a dry run, too', async () => {
  expect(await run(['jobs', 'remove', 'never', '--dry-run'])).toMatchObject({ code: 5, stdout: '' });
  expect(await run(['jobs', 'retry', 'w1', 'dead', '--dry-run'])).toMatchObject({ code: 0, stdout: 'mail\t1\n' });
});

it('the manual says what each of them prints as JSON', () => {
  const rows = fs
    .readFileSync(path.resolve('docs/manual.md'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('|'));
  const told = (row: string, fields: string): void => {
    const text = rows.filter((line) => line.split('|')[1]!.includes(row)).join('\n');
    for (const field of fieldsIn(fields)) expect(text, row).toMatch(new RegExp(`[{ \`]${field}[,:}\`]`));
  };
  for (const { words, row, json, dry } of FORMS) {
    told(row, json);
    told(words[0] === 'dlq' ? 'the last five with `--dry-run`' : row, dry);
  }
});

it('every command that asks is among them', () => {
  const asking = COMMANDS.flatMap((group) => (isGroup(group) ? group.subcommands.map((each) => ({ group, each })) : []))
    .filter(({ each: { flags } }) => 'yes' in flags)
    .map(({ group, each }) => `${group.name} ${each.name}`);
  // No job is concerned; a key is named, and can be made again.
  const others = ['keys revoke'];
  const known = FORMS.map(({ words }) => words.slice(0, 2).join(' '));
  expect(asking.filter((name) => !others.includes(name)).toSorted()).toEqual([...new Set(known)].toSorted());
});
