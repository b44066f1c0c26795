import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { runJq } from '../helpers/run-jq.ts';
import { SHOP } from './shop.ts';

let redis: TestRedis;
let bin: string;

beforeAll(async () => {
  redis = await startRedis();
  bin = fs.mkdtempSync(path.join(os.tmpdir(), 'jobqueue-completion-'));
  for (const name of ['jq', 'jobq']) fs.symlinkSync(inject('program'), path.join(bin, name));
  fs.symlinkSync(process.execPath, path.join(bin, 'node'));
});
afterAll(async () => {
  fs.rmSync(bin, { recursive: true });
  await redis.stop();
});

/** What bash would offer after `line`, whose last word is the one to complete. */
function complete(line: string, env: Record<string, string> = {}): string[] {
  const script = `
    source <(jq completion bash)
    read -ra COMP_WORDS <<<"$1"; [[ $1 == *' ' ]] && COMP_WORDS+=('')
    COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 ))
    compopt() { echo files; }
    _jobqueue
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', script, 'bash', line], {
    cwd: SHOP,
    encoding: 'utf8',
    env: { HOME: os.homedir(), PATH: `${bin}:/usr/bin:/bin`, JQ_REDIS_URL: redis.url, ...env },
  });
  expect(stderr).toBe('');
  return stdout.split('\n').filter(Boolean);
}

describe('in bash', () => {
  it.each([
    ['jq enq', ['enqueue']],
    ['jobq dlq re', ['replay', 'remove']],
    ['jq dlq replay --dry', ['--dry-run']],
    ['jq jobs list --status p', ['pending', 'processing']],
    ['jq enqueue ', ['explode', 'mail/welcome', 'order', 'stubborn']],
    ['jq enqueue --allow-unknown or', ['order']],
    ['jq --redis unix:///x enq', ['enqueue']],
    ['jq enqueue order --file ', ['files']],
    ['jq .a ', ['files']],
    ['jq jobs show ', []],
  ])('%s', (line, words) => {
    expect(complete(line)).toEqual(words);
  });

  it('queues are those of the configuration and those in Redis', async () => {
    await runJq(['enqueue', 'order', '--payload', '{"number":1}', '--queue', 'faraway', '--allow-unknown'], {
      cwd: SHOP,
      env: { JQ_REDIS_URL: redis.url },
    });
    // A Redis that takes too long to answer is left out: nobody waits at the tabulator.
    await expect.poll(() => complete('jq enqueue order --queue ')).toEqual(['default', 'mail', 'faraway']);
  });

  it('is silent and still useful when Redis is away', () => {
    expect(complete('jq enqueue order --queue ', { JQ_REDIS_URL: 'redis://127.0.0.1:1' })).toEqual(['default', 'mail']);
  });
});

/** The lines that a shell becomes by its tabulator. */
const LINES = [
  ['jq enq', 'jq enqueue'],
  ['jobq dlq repl', 'jobq dlq replay'],
  ['jq dlq replay --dry', 'jq dlq replay --dry-run'],
  ['jq enqueue mail/w', 'jq enqueue mail/welcome'],
  ['jq enqueue order --file jobqueue.conf', 'jq enqueue order --file jobqueue.config.ts'],
  ['jq .a jobqueue.conf', 'jq .a jobqueue.config.ts'],
] as const;

const has = (shell: string) => spawnSync(shell, ['--version']).status === 0;
const runShell = (shell: string, args: string[]) =>
  spawnSync(shell, args, {
    cwd: SHOP,
    encoding: 'utf8',
    timeout: 20_000,
    env: { HOME: bin, PATH: `${bin}:/usr/bin:/bin`, TERM: 'xterm', LANG: 'C.UTF-8', JQ_REDIS_URL: redis.url },
  });

/** In a terminal of zsh's own: types the line and a tabulator, then has a widget print what stands there. */
const ZSH = `
  zmodload zsh/zpty
  zpty z zsh -f -i
  zpty -w z 'PS1= PS2= RPS1=; autoload -Uz compinit; compinit -u -D; source <(jq completion zsh)'
  zpty -w z 'show() { print -r -- "<''$BUFFER>"; BUFFER=; }; zle -N show; bindkey "^X" show; print ready''!'
  zpty -r z said '*ready!*'
  for line in "$@"; do
    zpty -w -n z "$line"$'\\t'$'\\x18'
    zpty -r z said '*<*>*'
    print -r -- "\${\${said##*<}%%>*}"
  done
  zpty -d z`;

it.runIf(has('zsh'))('zsh completes lines on a terminal', () => {
  const { stdout } = runShell('zsh', ['-f', '-c', ZSH, 'zsh', ...LINES.map(([typed]) => typed)]);
  expect(stdout.split('\n').map((line) => line.trim())).toEqual([...LINES.map(([, line]) => line), '']);
});

it.runIf(has('fish'))('fish offers the words', () => {
  const script = 'jq completion fish | source; for line in $argv; complete --do-complete $line; end';
  const { stdout, stderr } = runShell('fish', ['--no-config', '-c', script, ...LINES.map(([typed]) => typed)]);
  expect(stderr).toBe('');
  const words = stdout.split('\n').map((line) => line.split('\t')[0]);
  expect(words).toEqual([...LINES.map(([, line]) => line.split(' ').at(-1)), '']);
});

it.each(['bash', 'zsh', 'fish'])('the script for %s says how to install it, and serves both names', async (shell) => {
  const { code, stdout } = await runJq(['completion', shell]);
  expect(code).toBe(0);
  expect(stdout).toContain(`jq completion ${shell}`);
  expect(stdout).toMatch(/\bjobq\b/);
});

it('refuses a shell that it does not know', async () => {
  expect(await runJq(['completion', 'bsh'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Did you mean "bash"?'),
  });
});
