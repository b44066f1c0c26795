import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { HAS_TERMINAL, runJq, startJq } from '../helpers/run-jq.ts';
import { openShop, type Shop } from './shop.ts';

let redis: TestRedis;
let shop: Shop;

beforeAll(async () => {
  redis = await startRedis();
  shop = openShop(redis);
});
afterAll(() => redis.stop());

const enqueue = async (...words: string[]) => (await shop.run(['enqueue', ...words])).stdout.trim();
const state = async (id: string) => (await shop.json<{ state: string }>(['jobs', 'show', id])).state;

it('--drain runs what there is and ends', async () => {
  const ids = [await enqueue('order', '--payload', '{"number":1}'), await enqueue('mail/welcome')];
  expect(await shop.run(['work', '--drain'])).toMatchObject({ code: 0 });
  expect(await Promise.all(ids.map(state))).toEqual(['completed', 'completed']);
});

it('--concurrency and --queues say how many jobs of which queues', async () => {
  const worker = shop.start(['work', '--concurrency', '4', '--queues', 'mail', '--log-level', 'info']);
  await worker.says(/"slots":{"mail":4}.*"working"/);
  worker.child.kill('SIGTERM');
  expect(await worker.finished).toMatchObject({ code: 0 });
});

it('the first signal lets jobs end, the second puts them back at once and exits 143', async () => {
  const id = await enqueue('stubborn');
  const worker = shop.start(['work']);
  await worker.says(/"started"/);
  worker.child.kill('SIGTERM');
  await worker.says(/finishing 1 job, up to 30s, again to stop now/);
  worker.child.kill('SIGTERM');
  const { code, stderr } = await worker.finished;
  expect(code).toBe(143);
  expect(stderr).toMatch(/Put 1 job back to wait/);
  expect(await shop.json(['jobs', 'show', id])).toMatchObject({ state: 'waiting', attempts: 0 });
  await shop.run(['jobs', 'remove', id, '--yes']);
});

it('what runs longer than --grace is put back, and the worker says so by its exit code', async () => {
  const id = await enqueue('stubborn');
  const worker = shop.start(['work', '--grace', '50ms']);
  await worker.says(/"started"/);
  worker.child.kill('SIGINT');
  expect((await worker.finished).code).toBe(130);
  expect(await state(id)).toBe('waiting');
  await shop.run(['jobs', 'remove', id, '--yes']);
});

it.skipIf(!HAS_TERMINAL)('on a terminal says what it works on, in lines for people', async () => {
  const worker = shop.start(['work', '--log-level', 'info'], { terminal: true });
  await worker.says(
    /Working on default 3, mail 2 \(5 slots\)\nTypes: explode, mail\/welcome, order, stubborn\. Ctrl-C stops\./,
  );
  await enqueue('order', '--payload', '{"number":2}');
  await worker.says(/^\d\d:\d\d:\d\d info {2}completed job=j_\w+ type=order/m);
  worker.child.stdin!.write('\u0003');
  expect((await worker.finished).code).toBe(0);
});

it('a broken handler file is named with its line; the others still run', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'jobqueue-work-'));
  fs.mkdirSync(path.join(folder, 'handlers'));
  fs.writeFileSync(path.join(folder, 'handlers/fine.mjs'), 'export default () => "fine";\n');
  fs.writeFileSync(path.join(folder, 'handlers/broken.ts'), 'const a = 1;\nthrow new Error("not today");\n');
  fs.writeFileSync(path.join(folder, 'handlers/misspelt.mjs'), 'export default { run() {}, atempts: 3 };\n');
  const options = { cwd: folder, env: { JQ_REDIS_URL: redis.url, JQ_REDIS_PREFIX: 'broken' } };
  const worker = startJq(['work'], options);
  await worker.says(/"working"/);
  expect(worker.said()).toMatch(/handlers\/broken\.ts: line 2: not today/);
  expect(worker.said()).toMatch(/Unknown field `atempts` in handlers\/misspelt\.mjs/);
  expect(await runJq(['enqueue', 'fine', '--wait'], options)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('"fine"'),
  });
  expect(await runJq(['enqueue', 'broken'], options)).toMatchObject({ code: 1, stdout: '' });
  fs.rmSync(folder, { recursive: true });
});
