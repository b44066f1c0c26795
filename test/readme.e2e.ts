import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { startRedis, type TestRedis } from './helpers/redis.ts';

const README = fs.readFileSync('README.md', 'utf8');
const CHECKOUT = process.cwd();

/** The commands of one chapter, block by block; comments at their ends are for readers. */
function blocksOf(chapter: string): string[] {
  const text = README.split(`\n## ${chapter}\n`)[1]!.split('\n## ')[0]!;
  return [...text.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block]) => block!.replaceAll(/\s+#.*$/gm, ''));
}

let home: string;
let redis: TestRedis;
let staying: ChildProcess[];

beforeEach(async () => {
  home = fs.mkdtempSync(path.join(os.tmpdir(), 'jobqueue-readme-'));
  redis = await startRedis();
  staying = [];
});
afterEach(async () => {
  for (const child of staying) process.kill(-child.pid!, 'SIGKILL');
  await redis.stop();
  fs.rmSync(home, { recursive: true, force: true });
});

/** As a person's shell would run it, but with a Redis of the test's. */
const shell = (script: string): [string, string[], object] => [
  'bash',
  // Aliases are for shells that people type into.
  ['-e', '-O', 'expand_aliases', '-c', script],
  { cwd: CHECKOUT, env: { ...process.env, HOME: home, JQ_REDIS_URL: redis.url, NO_COLOR: '1' } },
];

function run(script: string): string {
  const [program, args, options] = shell(script);
  const { status, stdout, stderr } = spawnSync(program, args, {
    ...options,
    input: '',
    encoding: 'utf8',
    timeout: 25_000,
  });
  expect(status, `${script}\n${stdout}${stderr}`).toBe(0);
  return stdout;
}

/** Starts what stays, and waits until it has said that it is ready. */
async function stay(script: string, ready: RegExp): Promise<string> {
  const [program, args, options] = shell(script);
  const child = spawn(program, args, { ...options, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  staying.push(child);
  let said = '';
  return new Promise((resolve, reject) => {
    const hear = (chunk: Buffer): void => {
      said += String(chunk);
      if (ready.test(said)) resolve(said);
    };
    child.stdout!.on('data', hear);
    child.stderr!.on('data', hear);
    child.once('exit', (code) => reject(new Error(`${script}: ended with ${code}\n${said}`)));
  });
}

describe('the README', () => {
  it('leads to a first handler that runs', async () => {
    const [start, work, use] = blocksOf('Your first handler, in five minutes') as [string, string, string];
    const alias = start.split('\n').find((line) => line.startsWith('alias'))!;
    run(start);
    const folder = path.join(home, 'first-jobs');
    // The handler that it shows is the one that `jq init` makes.
    const shown = /```ts\n\/\/ handlers\/hello\.ts\n([\s\S]*?)```/.exec(README)![1]!;
    expect(fs.readFileSync(path.join(folder, 'handlers/hello.ts'), 'utf8')).toBe(shown);

    const inFolder = (script: string): string => `${alias}\ncd ${folder}\n${script}`;
    await stay(inFolder(work), /working/);
    const said = run(inFolder(use));
    expect(said).toContain('{"greeting":"Hello, Ada!"}');
    expect(said, 'jq top, off a terminal').toMatch(/^default\s/m);
  });

  it('names commands of the main job that work', async () => {
    const [block] = blocksOf('The main job') as [string];
    const jq = `jq() { "${process.execPath}" "${inject('program')}" "$@"; }\n`;
    const commands = block
      .split('\n')
      .filter(Boolean)
      // Off a terminal nobody can be asked.
      .map((command) => command.replace('dlq replay --all', 'dlq replay --all --yes'));
    const [work, serve, ...others] = commands as [string, string, ...string[]];
    expect([work, serve]).toEqual(['jq work --concurrency 5', 'jq serve']);
    await stay(`export OUTBOX=${home}\n${jq}${work}`, /working/);
    const url = /http:\/\/[\d.:]+/.exec(await stay(`${jq}${serve} --port 0`, /http:\/\/\S+\s/))![0];
    for (const command of others) run(jq + command.replace('localhost:3000', new URL(url).host));
  });

  it('shows a handler in another language that runs', async () => {
    const script = /```bash\n(#![\s\S]*?)```/.exec(README)![1]!;
    const folder = path.join(home, 'any-language');
    fs.mkdirSync(path.join(folder, 'handlers'), { recursive: true });
    fs.writeFileSync(path.join(folder, 'handlers/disk-space.sh'), script);
    const [use] = blocksOf('Any language') as [string];
    const [chmod = '', enqueue = ''] = use.split('\n');
    const inFolder = `jq() { "${process.execPath}" "${inject('program')}" "$@"; }\ncd ${folder}\n`;
    run(inFolder + chmod);
    await stay(`${inFolder}jq work`, /working/);
    expect(run(inFolder + enqueue)).toMatch(/\{"freeMb":\d+\}/);
  });
});
