import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runJq, type RunOptions } from '../helpers/run-jq.ts';

let folder: string;
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'jobqueue-config-'));
  fs.writeFileSync(
    path.join(folder, 'jobqueue.config.ts'),
    `import { defineConfig } from 'jobqueue';
     export default defineConfig({ queues: { mail: { concurrency: 10 } }, server: { port: 4000 }, work: { concurrency: 2 } });`,
  );
});
afterAll(() => fs.rmSync(folder, { recursive: true }));

const show = (args: string[] = [], options: RunOptions = {}) =>
  runJq(['config', 'show', ...args], { cwd: folder, ...options });

it('shows every option, its value, and the layer that it comes from', async () => {
  const { code, stdout } = await show(['--port', '5000'], { env: { JQ_CONCURRENCY: '8' } });
  expect(code).toBe(0);
  expect(stdout).toContain('queues.mail.concurrency\t10\tjobqueue.config.ts\n');
  expect(stdout).toContain('work.concurrency\t8\tJQ_CONCURRENCY\n');
  expect(stdout).toContain('server.port\t5000\t--port\n');
  expect(stdout).toContain('defaults.attempts\t5\tdefault\n');
  expect(stdout).toContain('redis.url\t\tnot set\n');
});

it('masks passwords, also as data', async () => {
  const { stdout } = await show(['--json'], { env: { REDIS_URL: 'redis://ana:hunter2@10.0.0.5:6379/1' } });
  expect(stdout).not.toContain('hunter2');
  expect(JSON.parse(stdout)).toMatchObject({
    file: path.join(folder, 'jobqueue.config.ts'),
    options: expect.arrayContaining([
      { key: 'redis.url', value: 'redis://ana:****@10.0.0.5:6379/1', origin: 'REDIS_URL' },
    ]),
  });
});

it.each([
  [
    'a misspelt key: the nearest one',
    'export default { work: { concurency: 3 } }',
    /Unknown option `work\.concurency` \(bad\.config\.ts\)\nDid you mean "concurrency"\?/,
  ],
  [
    'a bad value: key, expected, got, file',
    'export default { work: { grace: "soon" } }',
    /Expected `work\.grace` to be a duration .*, got "soon" \(bad\.config\.ts\)/,
  ],
  ['a file that does not load', 'export default {', /Cannot load the configuration .*bad\.config\.ts: /],
])('%s', async (_name, text, message) => {
  fs.writeFileSync(path.join(folder, 'bad.config.ts'), text);
  const { code, stdout, stderr } = await show(['--config', 'bad.config.ts']);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(message);
  expect(stderr).not.toMatch(/^ +at /m);
});

it('names the flag or the variable whose value is wrong', async () => {
  expect((await show(['--port', 'http'])).stderr).toMatch(
    /^jq: Expected --port to be an integer from 0 to 65535, got "http"\n/,
  );
  expect((await show([], { env: { JQ_GRACE: '-1' } })).stderr).toMatch(/^jq: Expected JQ_GRACE to be a duration/);
});
