import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startRedis } from '../helpers/redis.ts';
import { runJq, startJq } from '../helpers/run-jq.ts';

const TSC = path.resolve(import.meta.dirname, '../../node_modules/.bin/tsc');
let folder: string;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'jobqueue-init-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

const read = (file: string) => fs.readFileSync(path.join(folder, file), 'utf8');

it('makes a project that type-checks and runs with nothing installed', async () => {
  const { code, stdout, stderr } = await runJq(['init'], { cwd: folder });
  expect(code).toBe(0);
  expect(stdout).toBe('wrote\tjobqueue.config.ts\nwrote\thandlers/hello.ts\nwrote\tjobqueue.d.ts\nwrote\t.gitignore\n');
  expect(stderr).toContain(`\n  jq dev\n  jq enqueue hello --payload '{"name":"Ana"}' --wait\n`);

  const files = ['jobqueue.config.ts', 'handlers/hello.ts'];
  execFileSync(TSC, ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', '--types', '', ...files], {
    cwd: folder,
  });

  const redis = await startRedis();
  const options = { cwd: folder, env: { JQ_REDIS_URL: redis.url } };
  const worker = startJq(['work'], options);
  await worker.says(/"working"/);
  const hello = await runJq(['enqueue', 'hello', '--payload', '{"name":"Ana"}', '--wait', '--json'], options);
  expect(JSON.parse(hello.stdout)).toMatchObject({ status: 'completed', result: { greeting: 'Hello, Ana!' } });
  worker.child.kill('SIGTERM');
  await worker.finished;
  await redis.stop();
});

it('overwrites nothing, and says what was kept', async () => {
  fs.mkdirSync(path.join(folder, 'handlers'));
  fs.writeFileSync(path.join(folder, 'handlers/hello.ts'), '// mine\n');
  fs.writeFileSync(path.join(folder, 'jobqueue.config.json'), '{}');
  fs.writeFileSync(path.join(folder, '.gitignore'), 'dist/');
  const { code, stdout } = await runJq(['init'], { cwd: folder });
  expect(code).toBe(0);
  expect(stdout).toBe(
    'kept\tjobqueue.config.json\nkept\thandlers/hello.ts\nwrote\tjobqueue.d.ts\nadded to\t.gitignore\n',
  );
  expect(read('handlers/hello.ts')).toBe('// mine\n');
  expect(read('.gitignore')).toBe('dist/\n.jobqueue/\n');
  expect(fs.existsSync(path.join(folder, 'jobqueue.config.ts'))).toBe(false);
  const again = await runJq(['init', '--json'], { cwd: folder });
  expect((JSON.parse(again.stdout) as { did: string }[]).map((step) => step.did)).toEqual([
    'kept',
    'kept',
    'kept',
    'kept',
  ]);
});
