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
    expect(complete('jq enqueue order --queue ')).toEqual(['default', 'mail', 'faraway']);
  });

  it('is silent and still useful when Redis is away', () => {
    expect(complete('jq enqueue order --queue ', { JQ_REDIS_URL: 'redis://127.0.0.1:1' })).toEqual(['default', 'mail']);
  });
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
