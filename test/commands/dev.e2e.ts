import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { HAS_TERMINAL, runJq, type RunningJq, startJq } from '../helpers/run-jq.ts';

let redis: TestRedis;
let folder: string;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'jobqueue-dev-'));
  write('handlers/answer.mjs', 'export default () => 1;\n');
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

function write(file: string, text: string): void {
  fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
  fs.writeFileSync(path.join(folder, file), text);
}

const options = () => ({
  cwd: folder,
  env: { JQ_REDIS_URL: redis.url, JQ_REDIS_PREFIX: path.basename(folder), JQ_PORT: '0' },
});
const answer = async (...flags: string[]) =>
  (await runJq(['enqueue', 'answer', '--wait=20s', '--quiet', ...flags], options())).stdout.split('\t')[2];

/** How often a pattern was said. */
const times = (dev: RunningJq, pattern: RegExp) => [...dev.said().matchAll(new RegExp(pattern, 'g'))].length;
const WITHIN = { timeout: 20_000 };
const WORKING = /work {2}\| .* working slots=/;
const SERVING = /serve \| http:\/\/127\.0\.0\.1:\d+/;

/** Processes of this program in the project, by the folder they run in. */
function processesHere(): number[] {
  return fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && readLink(`/proc/${name}/cwd`) === fs.realpathSync(folder))
    .map(Number);
}
function readLink(file: string): string | undefined {
  try {
    return fs.readlinkSync(file);
  } catch {
    return undefined;
  }
}

it('serves and works, takes a saved handler into use, and stops all of it on SIGINT', async () => {
  const dev = startJq(['dev'], options());
  await Promise.all([dev.says(WORKING), dev.says(SERVING)]);
  expect(await answer()).toBe('1\n');

  write('handlers/answer.mjs', 'export default () => 2;\n');
  await dev.says(/dev {3}\| handlers\/answer\.mjs changed, starting anew/);
  await expect.poll(() => times(dev, WORKING), WITHIN).toBe(2);
  // The old worker may still take a job while it ends.
  await expect.poll(() => answer(), WITHIN).toBe('2\n');

  write('handlers/shout.sh', '#!/bin/sh\necho \'"HEY"\'\n');
  await dev.says(/handlers\/shout\.sh changed/);
  fs.chmodSync(path.join(folder, 'handlers/shout.sh'), 0o755);
  await dev.says(/working .*"answer","shout"/);
  expect((await runJq(['enqueue', 'shout', '--wait=20s', '--quiet'], options())).stdout).toContain('HEY');

  dev.child.kill('SIGINT');
  expect(await dev.finished).toMatchObject({ code: 0 });
  expect(processesHere()).toEqual([]);
});

it('keeps what runs when a saved configuration is wrong, and says what is wrong', async () => {
  const dev = startJq(['dev'], options());
  await dev.says(WORKING);
  write('jobqueue.config.mjs', 'export default { work: { concurency: 2 } };\n');
  await dev.says(
    /jobqueue\.config\.mjs changed, but the old configuration stays in use: Unknown option `work\.concurency`/,
  );
  write('sound.json', '{}');
  expect(await answer('--config', 'sound.json')).toBe('1\n');
  expect(times(dev, WORKING)).toBe(1);

  write('jobqueue.config.mjs', 'export default { work: { concurrency: 2 } };\n');
  await dev.says(/work {2}\| .* working slots=\{"default":2\}/);
});

it('starts a worker again that died, and leaves nothing behind when it is killed itself', async () => {
  write('handlers/suicide.mjs', 'export default () => process.kill(process.ppid, "SIGKILL");\n');
  const dev = startJq(['dev'], options());
  await Promise.all([dev.says(WORKING), dev.says(SERVING)]);
  await runJq(['enqueue', 'suicide', '--attempts', '1'], options());
  await dev.says(/dev {3}\| work ended by itself \(SIGKILL\); again in 500ms/);
  await expect.poll(() => times(dev, WORKING), WITHIN).toBeGreaterThan(1);

  dev.child.kill('SIGKILL');
  await expect.poll(processesHere, WITHIN).toEqual([]);
});

it.skipIf(!HAS_TERMINAL)('Ctrl-C on a terminal is one signal for everybody', async () => {
  const dev = startJq(['dev'], { ...options(), terminal: true });
  await Promise.all([dev.says(WORKING), dev.says(SERVING)]);
  dev.child.stdin!.write('\u0003');
  const { code, stdout } = await dev.finished;
  expect(code).toBe(0);
  expect(stdout).not.toContain('ended by itself');
});
