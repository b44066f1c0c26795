import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { enqueueMany } from '../../src/jobs/enqueue.ts';
import { countJobs } from '../../src/jobs/find-jobs.ts';
import { listJobs } from '../../src/jobs/list-jobs.ts';
import { openProject } from '../../src/jobs/project.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { folderOf } from '../helpers/write-files.ts';

const JOBS = 1000;
const SLOTS = 20;

let server: TestRedis;

beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());

// One write for each line, so that the lines of two processes never mix. Who is the victim ends as by `kill -9`, with its
// hands full.
const HANDLER = `
  import fs from 'node:fs';
  import { setTimeout } from 'node:timers/promises';
  const ledger = new URL('../ledger', import.meta.url);
  const mark = new URL('../victim-' + process.pid, import.meta.url);
  let ended = 0;
  export default async ({ n }) => {
    fs.appendFileSync(ledger, \`start \${n} \${process.pid}\\n\`);
    await setTimeout(50);
    if ((ended += 1) > 100 && fs.existsSync(mark)) process.kill(process.pid, 'SIGKILL');
    fs.appendFileSync(ledger, \`end \${n} \${process.pid}\\n\`);
  };`;

async function startWorker(folder: string): Promise<ChildProcess> {
  const program = path.resolve(import.meta.dirname, '../fixtures/ledger-worker.ts');
  const child = spawn(process.execPath, [program, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout!, 'data');
  return child;
}

it(`loses none of ${JOBS} jobs, and buries none, when a worker is killed among them`, async () => {
  const folder = await folderOf({
    'handlers/count.mjs': HANDLER,
    'jobqueue.config.json': JSON.stringify({
      redis: { url: server.url },
      work: { concurrency: SLOTS },
      defaults: { attempts: 1 },
    }),
    ledger: '',
  });
  const read = () =>
    fs
      .readFileSync(path.join(folder, 'ledger'), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split(' ') as [kind: string, n: string, pid: string]);
  const project = await openProject({ cwd: folder, env: {}, connection: 'lasting' });
  onTestFinished(() => project.close());
  const [victim, survivor] = await Promise.all([startWorker(folder), startWorker(folder)]);
  fs.writeFileSync(path.join(folder, `victim-${victim.pid}`), '');
  const killed = once(victim, 'exit');
  await enqueueMany(
    project,
    Array.from({ length: JOBS }, (_, n) => ({ type: 'count', payload: { n } })),
  );
  await killed;

  // What the dead one had in hand comes back when its locks have ended.
  const counts = { pending: 0, processing: 0, completed: JOBS, failed: 0 };
  await expect.poll(() => countJobs(project), { timeout: 50_000, interval: 200 }).toEqual(counts);
  const jobs = await listJobs(project, { status: 'completed', limit: JOBS, offset: 0 });
  expect(jobs.jobs.every(({ attempts }) => attempts === 1)).toBe(true);

  const lines = read();
  const startsOf = Map.groupBy(
    lines.filter(([kind]) => kind === 'start'),
    ([, n]) => n,
  );
  expect(startsOf.size).toBe(JOBS);
  expect(new Set(lines.filter(([kind]) => kind === 'end').map(([, n]) => n)).size).toBe(JOBS);
  // Twice runs only what was in hand at the kill: by both, the victim first.
  const twice = [...startsOf.values()].filter((starts) => starts.length > 1);
  expect(twice.length).toBeLessThanOrEqual(SLOTS);
  expect(twice.length).toBeGreaterThan(0);
  for (const starts of twice) {
    expect(starts.map(([, , pid]) => pid)).toEqual([String(victim.pid), String(survivor.pid)]);
  }

  survivor.kill('SIGTERM');
  await once(survivor, 'exit');
});
