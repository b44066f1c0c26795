import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { isGroup } from '../../commands/framework/define-command.ts';
import { COMMANDS } from '../../commands/index.ts';
import { runJq, startJq } from '../helpers/run-jq.ts';

let folder: string;
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'jobqueue-program-'));
  fs.mkdirSync(path.join(folder, 'handlers'));
  fs.writeFileSync(path.join(folder, 'handlers/hello.mjs'), 'export default () => {};\n');
});
afterAll(() => fs.rmSync(folder, { recursive: true }));

describe('help', () => {
  it('bare jq is a few lines with two examples, and no error', async () => {
    const { code, stdout, stderr } = await runJq([]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.trim().split('\n').length).toBeLessThanOrEqual(12);
    expect(stdout).toContain(`jq enqueue send-email --payload '{"to":"ana@example.com"}'\n  jq work --concurrency 5\n`);
  });

  const paths = COMMANDS.flatMap((each) =>
    isGroup(each) ? [[each.name], ...each.subcommands.map((leaf) => [each.name, leaf.name])] : [[each.name]],
  );
  it.each(paths.map((words) => [words.join(' '), words] as const))('jq %s --help', async (name, words) => {
    const { code, stdout, stderr } = await runJq([...words, '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.startsWith(`jq ${name}: `)).toBe(true);
  });

  it('jq help knows commands and topics, and suggests the nearest', async () => {
    expect((await runJq(['help', 'dlq', 'replay'])).stdout).toBe((await runJq(['dlq', 'replay', '--help'])).stdout);
    expect((await runJq(['help', 'exit-codes'])).stdout).toMatch(/^ 124 {2}it took longer than allowed$/m);
    expect((await runJq(['help', 'environment'])).stdout).toMatch(/^JQ_REDIS_URL +redis\.url /m);
    expect((await runJq(['help', 'config'])).stdout).toMatch(/^defaults\.timeout +5m +Time that one attempt may take/m);
    expect(await runJq(['help', 'enviroment'])).toMatchObject({
      code: 2,
      stderr: 'jq: There is no help on "enviroment"\nDid you mean "environment"?\n',
    });
  });
});

describe('texts that are written down when the program is built', () => {
  const run = (file: string, words: readonly string[]) =>
    spawnSync(process.execPath, [file, ...words], { encoding: 'utf8', env: {} });
  const built = path.dirname(inject('program'));

  it('are printed without the program, by each line that asks for one', () => {
    const alone = path.join(folder, 'jq.cjs');
    for (const name of ['jq.cjs', 'texts.json']) fs.copyFileSync(path.join(built, name), path.join(folder, name));
    for (const line of ['', '-h', 'help', 'enqueue -h', 'help dlq', 'help dlq replay', 'help config', '--version']) {
      expect(run(alone, line.split(' ').filter(Boolean)), line).toMatchObject({ status: 0, stderr: '' });
    }
    expect(run(alone, ['dlq', 'list', '--json', '--help']).stderr).toContain('program.cjs');
  });

  it.each(['', '--help', 'dlq', 'dlq replay -h', 'help dlq replay', 'config --help', 'help config', 'help keys'])(
    'are what the program prints: jq %s',
    (line) => {
      const words = line.split(' ').filter(Boolean);
      const { status, stdout, stderr } = run(path.join(built, 'program.cjs'), words);
      expect(run(path.join(built, 'jq.cjs'), words)).toMatchObject({ status, stdout, stderr });
    },
  );
});

it.runIf(fs.existsSync('/dev/full'))('a full disk is an error, in one line', () => {
  const line = `"${process.execPath}" "${inject('program')}" help config >/dev/full`;
  expect(spawnSync('sh', ['-c', line], { encoding: 'utf8' })).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/^jq: stdout: ENOSPC.*\n$/),
  });
});

it('--version says what runs, also as data', async () => {
  const { stdout } = await runJq(['--version']);
  expect(stdout).toBe(
    `jq 0.1.0 (job queue) node ${process.versions.node} ${process.platform}-${process.arch}, bullmq 6.7.0\n`,
  );
  expect(JSON.parse((await runJq(['--version', '--json'])).stdout)).toMatchObject({
    version: '0.1.0',
    bullmq: '6.7.0',
  });
});

describe('usage errors are short, on stderr, exit 2', () => {
  it.each([
    [['enqueu'], "jq: Unknown command 'enqueu'\nDid you mean enqueue? See: jq --help\n"],
    [['dlq', 'repaly'], "jq: Unknown command 'repaly'\nDid you mean replay? See: jq dlq --help\n"],
    [
      ['dlq'],
      'jq: Expected one of list, groups, show, replay, archive, import, remove after "jq dlq"\nSee: jq dlq --help\n',
    ],
    [['stats', '--jsn'], "jq: Unknown option '--jsn'\nDid you mean --json? See: jq stats --help\n"],
    [['stats', '--output', 'xml'], 'jq: Expected --output to be one of table, json, jsonl, tsv, id, got "xml"\n'],
    [
      ['stats', '--color', 'alway'],
      'jq: Expected --color to be one of auto, always, never, got "alway"\nDid you mean "always"?\n',
    ],
    [['jobs', 'show'], "jq: Missing required argument 'ID'\nSee: jq jobs show --help\n"],
  ])('%j', async (args, stderr) => {
    expect(await runJq(args)).toEqual({ code: 2, stdout: '', stderr });
  });

  it('as JSON when that is asked for, wherever the flag stands', async () => {
    for (const args of [
      ['--json', 'enqueu'],
      ['enqueu', '--output', 'json'],
    ]) {
      const { code, stderr } = await runJq(args);
      expect(code).toBe(2);
      expect(JSON.parse(stderr)).toEqual({
        error: { code: 'USAGE', message: "Unknown command 'enqueu'", hint: 'Did you mean enqueue? See: jq --help' },
      });
    }
  });
});

describe('Redis that is not there', () => {
  it.each([
    ['nobody listens', 'redis://127.0.0.1:1', /^jq: Cannot reach Redis at redis:\/\/127\.0\.0\.1:1 \(ECONNREFUSED\)/m],
    [
      'a name that does not exist',
      'redis://nowhere.invalid:6379',
      /^jq: Cannot reach Redis at redis:\/\/nowhere\.invalid:6379/m,
    ],
    [
      'no such socket',
      'unix:///nowhere/redis.sock',
      /^jq: Cannot reach Redis at unix:\/\/\/nowhere\/redis\.sock \(ENOENT\)/m,
    ],
  ])('%s: exit 4', async (_name, url, message) => {
    const { code, stdout, stderr } = await runJq(['enqueue', 'hello', '--redis', url], { cwd: folder });
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/--redis/);
  });

  it('a password on the command line is warned of, and masked', async () => {
    const { stderr } = await runJq(['stats', '--redis', 'redis://ana:hunter2@127.0.0.1:1']);
    expect(stderr).toMatch(/^warning: everyone on this machine can read the password in --redis/);
    expect(stderr).not.toContain('hunter2');
  });

  it('--verbose adds where it arose', async () => {
    const { stderr } = await runJq(['stats', '--redis', 'redis://127.0.0.1:1', '--verbose']);
    expect(stderr).toMatch(/^ +at /m);
  });
});

it('a reader that closes its end, such as head, is no error', () => {
  const line = `"${process.execPath}" "${inject('program')}" help config | head -n 1; echo "\${PIPESTATUS[0]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', line], { encoding: 'utf8' });
  expect(stdout).toMatch(/^The first of jobqueue\.config\.ts.*\n0\n$/);
  expect(stderr).toBe('');
});

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s leaves a short command at once, with %i', async (signal, code) => {
  // A Redis that takes the connection and then says nothing.
  const silent = net.createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void silent.close());
  await once(silent, 'listening');
  const { port } = silent.address() as net.AddressInfo;
  const jq = startJq(['stats', '--quiet', '--redis', `redis://127.0.0.1:${port}`]);
  await once(silent, 'connection');
  jq.child.kill(signal);
  expect(await jq.finished).toEqual({ code, stdout: '', stderr: '' });
});
