import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { openQuickRedis } from '../src/broker/quick-redis.ts';
import type { Redis } from '../src/broker/redis.ts';
import { parseTarget } from '../src/broker/target.ts';
import { startRedis, type TestRedis } from './helpers/redis.ts';
import { folderOf } from './helpers/write-files.ts';

const MANUAL = fs.readFileSync('docs/manual.md', 'utf8');

let server: TestRedis;
let redis: Redis;

beforeAll(async () => {
  server = await startRedis();
  redis = await openQuickRedis(parseTarget(server.url, 'test'));
});
afterAll(async () => {
  await redis.close();
  await server.stop();
});

/** The ids that the chapter names, and one that died long ago. */
const DEAD = [
  { id: 'j_0199b2f0c4d87e5f8a31b6c2d4e5f607', ageMs: 60_000 },
  { id: 'j_0199b31a77c07d0f9e2c11aa42b0c3d8', ageMs: 120_000 },
  { id: 'j_0199000000007d0f9e2c11aa42b0c3d8', ageMs: 40 * 86_400_000 },
];

async function plant(): Promise<void> {
  await redis.call('FLUSHALL');
  await redis.call('HSET', 'bull:mail:meta', 'version', 'bullmq:6.7.0');
  for (const { id, ageMs } of DEAD) {
    const diedAt = Date.now() - ageMs;
    const stack = JSON.stringify(['Error: connect ECONNREFUSED 10.0.0.5:587\n    at send (mail.js:1:1)']);
    const fields = { name: 'send-email', data: '{"region":"us"}', failedReason: 'connect ECONNREFUSED 10.0.0.5:587' };
    const more = { stacktrace: stack, timestamp: diedAt, finishedOn: diedAt, opts: '{}' };
    await redis.call('HSET', `bull:mail:${id}`, ...Object.entries({ ...fields, ...more }).flat());
    await redis.call('ZADD', 'bull:mail:failed', diedAt, id);
  }
}

it('the chapter "Something failed last night" names commands that do what it says', async () => {
  const chapter = MANUAL.split('\n### Something failed last night\n')[1]!.split('\n### ')[0]!;
  const commands = [...chapter.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) => block!.trim().split('\n'));
  expect(commands.length).toBeGreaterThan(10);

  const cwd = await folderOf({ 'handlers/send-email.mjs': 'export default () => {};\n' });
  const jq = `jq() { "${process.execPath}" "${inject('program')}" "$@"; }`;
  const run = (command: string): string => {
    const { status, stdout, stderr } = spawnSync('bash', ['-e', '-c', `${jq}\n${command}`], {
      cwd,
      env: { ...process.env, JQ_REDIS_URL: server.url, EDITOR: 'sed -i s/us/eu/' },
      input: '',
      encoding: 'utf8',
      timeout: 25_000,
    });
    expect(status, `${command}\n${stdout}${stderr}`).toBe(0);
    return stdout;
  };

  for (const command of commands) {
    // What was archived is imported into a Redis that no longer has it.
    if (command.includes('import')) await redis.call('FLUSHALL');
    else await plant();
    const fingerprint = run('jq dlq groups --output id').trim();
    const batch = command.includes('--undo')
      ? (JSON.parse(run('jq dlq replay --all --yes --json')) as { batch: string }).batch
      : '';
    const changes = /dlq (replay|archive|import|remove)/.test(command);
    const meant = command
      .replace(/--group \S+/, `--group ${fingerprint}`)
      .replace(/--undo \S+/, `--undo ${batch}`)
      // Off a terminal nobody can be asked.
      .concat(changes && !command.includes('--dry-run') ? ' --yes' : '');
    const stdout = run(meant);
    expect(stdout, command).toMatch(command.includes('--dry-run') ? /^mail\t3\n$/ : changes ? /^[1-3]\n$/ : /\S/);
  }
});
