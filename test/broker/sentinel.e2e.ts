import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { exercise } from '../helpers/exercise.ts';
import { runJq, startJq } from '../helpers/run-jq.ts';
import { SentinelFleet } from '../helpers/sentinel.ts';
import { folderOf } from '../helpers/write-files.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'jobqueue-sentinel-'));
const fleet = new SentinelFleet(folder);

beforeAll(() => fleet.start());
afterAll(async () => {
  await fleet.kill();
  fs.rmSync(folder, { recursive: true, force: true });
});

it('is asked by every command where the master is', async () => {
  const env = { JQ_REDIS_URL: fleet.url, JQ_REDIS_MIN_REPLICAS: '1' };
  await expect(exercise({ producer: env, worker: env, admin: env })).resolves.toBeUndefined();
});

it('says so when no Sentinel knows the master', async () => {
  const { code, stderr } = await runJq(['stats', '--redis', fleet.url.replace('mymaster', 'other')]);
  expect(code).toBe(4);
  expect(stderr).toContain('no Sentinel answers and knows a master "other"');
});

it('names another master, and the same worker and server go on; without a replica nothing is acknowledged', async () => {
  const cwd = await folderOf({ 'handlers/double.mjs': 'export default async ({ n }) => 2 * n;' });
  const env = { JQ_REDIS_URL: fleet.url, JQ_REDIS_MIN_REPLICAS: '1' };
  const worker = startJq(['work', '--log-level', 'info'], { cwd, env });
  await worker.says(/"working"/);
  const words = ['enqueue', 'double', '--payload', '{"n":21}', '--wait=20s', '--json', '--id', 'one'];
  await fleet.failOver();
  const alone = await runJq(words, { cwd, env });
  expect(alone).toMatchObject({
    code: 4,
    stderr: expect.stringContaining('0 of 1 replicas took it in time') as string,
  });
  await fleet.mend();
  // The replica may take a moment more to follow: as the error says, the same id is tried again.
  let done = '';
  const enqueue = async (): Promise<string> => {
    const { stdout, stderr } = await runJq(words, { cwd, env });
    done = stdout;
    return stderr;
  };
  await expect.poll(enqueue).toBe('');
  expect(JSON.parse(done)).toMatchObject({ status: 'completed', result: 42, attempts: 1 });
  worker.child.kill('SIGTERM');
  expect((await worker.finished).code).toBe(0);
});

it('asks Sentinels that want a password, also for the next master', async () => {
  const cwd = await folderOf({
    'jobqueue.config.json': JSON.stringify({ redis: { url: fleet.url, sentinelPasswordFile: './sentinel-password' } }),
    'sentinel-password': 'secret\n',
    'handlers/double.mjs': 'export default async ({ n }) => 2 * n;',
  });
  fs.chmodSync(path.join(cwd, 'sentinel-password'), 0o600);
  await fleet.protectSentinels('secret');
  const refused = await runJq(['stats', '--redis', fleet.url]);
  expect(refused).toMatchObject({ code: 4, stdout: '' });
  expect(refused.stderr).toContain('no Sentinel answers and knows a master "mymaster"');

  const worker = startJq(['work', '--log-level', 'info'], { cwd });
  await worker.says(/"working"/);
  await fleet.failOver();
  const { code, stdout, stderr } = await runJq(
    ['enqueue', 'double', '--payload', '{"n":4}', '--wait=20s', '--json', '--quiet'],
    { cwd },
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({ result: 8 });
  worker.child.kill('SIGTERM');
  expect((await worker.finished).code).toBe(0);
});
