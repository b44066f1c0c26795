import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isAlive, readPid } from '../helpers/processes.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { type RunningJq, runJq, startJq } from '../helpers/run-jq.ts';
import { writeFiles } from '../helpers/write-files.ts';

interface Job {
  id: string;
  state: string;
  attempts: number;
  progress: number;
  result: unknown;
  error: string | null;
}

const WITHIN = { timeout: 25_000, interval: 50 };
const FILES = {
  'jobqueue.config.json': JSON.stringify({
    defaults: { attempts: 3, backoff: { type: 'fixed', delay: '10ms' } },
    work: { passEnv: ['PASSED'] },
  }),
  'handlers/tools/speak.sh': `#!/bin/sh
    echo plain >/dev/stderr
    echo '{"level":"warn","msg":"careful","part":2}' >&2
    echo '{"progress":40}' >&2
    printf '{"payload":%s,"type":"%s","job":"%s","passed":"%s","redis":"%s"}' "$(cat)" \\
      "$JQ_JOB_TYPE" "$JQ_JOB_ID" "$PASSED" "\${JQ_REDIS_URL-}\${REDIS_URL-}"`,
  'handlers/end.sh': `#!/bin/sh
    read -r payload
    [ "$JQ_ATTEMPT" -gt 2 ] && exit 0
    echo "attempt $JQ_ATTEMPT" >&2
    exit "$payload"`,
  // Leaves the number of each process that it starts, and the worker's, and goes on until somebody ends it.
  'handlers/family.sh': `#!/bin/sh
    trap '' TERM
    cd pids
    if [ "$JQ_FENCE" -gt 1 ]; then
      for pid in $(cat self child other-group other-session); do
        grep -s '^State:.[^Z]' "/proc/$pid/status" >&2
      done
      echo "[$JQ_FENCE, $JQ_ATTEMPT]"
      exit
    fi
    sleep 60 & echo $! >child
    timeout 60 sh -c 'echo $$ >other-group; sleep 60' &
    setsid -f sh -c 'echo $$ >other-session; sleep 60'
    echo $$ >self
    echo $PPID >worker
    while :; do sleep 1; done`,
  'handlers/no-program': 'echo hello',
  'handlers/two.sh': '#!/bin/sh\n',
  'handlers/two.ts': 'export default () => 2;',
};
const FAMILY = ['self', 'child', 'other-group', 'other-session'];

let redis: TestRedis;
let folder: string;
let options: { cwd: string; env: Record<string, string> };

beforeAll(async () => {
  redis = await startRedis();
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'jobqueue-executables-'));
  await writeFiles(folder, FILES);
  fs.chmodSync(path.join(folder, 'handlers/no-program'), 0o755);
});
afterAll(async () => {
  await redis.stop();
  fs.rmSync(folder, { recursive: true });
});

let tests = 0;
beforeEach(() => {
  tests += 1;
  // A prefix for each test: what one leaves running is nothing to the next.
  options = { cwd: folder, env: { JQ_REDIS_URL: redis.url, JQ_REDIS_PREFIX: `t${tests}`, PASSED: 'on' } };
  fs.rmSync(path.join(folder, 'pids'), { recursive: true, force: true });
  fs.mkdirSync(path.join(folder, 'pids'));
});

const startWorker = async (...flags: string[]): Promise<RunningJq> => {
  const worker = startJq(['work', ...flags], options);
  await worker.says(/"working"/);
  return worker;
};
const finish = async (type: string, payload: unknown, ...flags: string[]): Promise<Job> => {
  const words = ['enqueue', type, '--payload', JSON.stringify(payload), '--wait=20s', '--json', ...flags];
  return JSON.parse((await runJq(words, options)).stdout) as Job;
};
const enqueue = async (type: string, ...flags: string[]): Promise<string> =>
  (await runJq(['enqueue', type, ...flags], options)).stdout.trim();
const job = async (id: string): Promise<Job> =>
  JSON.parse((await runJq(['jobs', 'show', id, '--json'], options)).stdout) as Job;
const pidsOf = (names: readonly string[]): Promise<number[]> =>
  Promise.all(names.map((name) => readPid(path.join(folder, 'pids', name))));

it('runs an executable like any other handler', async () => {
  const worker = await startWorker();
  expect(worker.said()).toMatch(/"types":\["end","family","no-program","tools\/speak"\]/);
  expect(worker.said()).toMatch(/Several files claim the type \\"two\\": handlers\/two\.sh, handlers\/two\.ts/);

  const { id, result, progress } = await finish('tools/speak', { text: 'ä' });
  expect(result).toEqual({ payload: { text: 'ä' }, type: 'tools/speak', job: id, passed: 'on', redis: '' });
  expect(progress).toBe(40);
  const { stdout } = await runJq(['jobs', 'logs', id], options);
  expect(stdout.split('\n').map((line) => line.replace(/^\S+\s/, ''))).toEqual([
    'info plain',
    'warn careful {"part":2}',
    '',
  ]);

  expect(await finish('end', 75)).toMatchObject({ state: 'completed', attempts: 3, result: null });
  expect(await finish('end', 3)).toMatchObject({ state: 'completed', attempts: 3, result: null });
  expect(await finish('end', 3, '--attempts', '2')).toMatchObject({ state: 'failed', error: 'Exit code 3: attempt 2' });
  expect(await finish('end', 65)).toMatchObject({ state: 'failed', attempts: 1, error: 'Exit code 65: attempt 1' });
  expect(await finish('no-program', {}, '--attempts', '1')).toMatchObject({
    state: 'failed',
    error: expect.stringMatching(/^Cannot start handlers\/no-program: it is no program/) as string,
  });

  const slip = await runJq(['enqueue', 'tools/speek'], options);
  expect(slip).toMatchObject({ code: 5, stderr: expect.stringContaining('Did you mean "tools/speak"?') as string });
  const rivals = await runJq(['enqueue', 'two'], options);
  expect(rivals).toMatchObject({ code: 1, stderr: expect.stringContaining('Several files claim') as string });
});

describe('an executable ends, with all that it started,', () => {
  it('at its timeout', async () => {
    await startWorker();
    const ended = finish('family', {}, '--timeout', '1s', '--attempts', '1');
    const pids = await pidsOf(FAMILY);
    expect(await ended).toMatchObject({ state: 'failed', error: 'Timed out after 1.0s' });
    await expect.poll(() => pids.filter(isAlive), { interval: 10 }).toEqual([]);
  });

  it('when the worker stops, and its job is put back', async () => {
    const worker = await startWorker('--grace', '10ms');
    const id = await enqueue('family');
    const pids = await pidsOf(FAMILY);
    worker.child.kill('SIGTERM');
    await worker.finished;
    expect(pids.filter(isAlive)).toEqual([]);
    expect(await job(id)).toMatchObject({ state: 'waiting', attempts: 0 });
  });

  it('when its worker process is killed, and its job runs again', async () => {
    await startWorker();
    const id = await enqueue('family');
    const pids = await pidsOf(FAMILY);
    const [worker] = (await pidsOf(['worker'])) as [number];
    process.kill(worker, 'SIGKILL');
    await expect.poll(() => pids.filter(isAlive), { interval: 10 }).toEqual([]);
    await expect.poll(() => job(id), WITHIN).toMatchObject({ state: 'completed', attempts: 1, result: [2, 1] });
    expect((await runJq(['jobs', 'logs', id], options)).stdout, 'what still ran when it ran again').toBe('');
  });

  it.each([
    ['the supervisor is', false],
    ['both are', true],
  ])('when %s killed', async (_who, both) => {
    const supervisor = await startWorker();
    await enqueue('family');
    const pids = await pidsOf(FAMILY);
    const [worker] = (await pidsOf(['worker'])) as [number];
    if (both) process.kill(worker, 'SIGKILL');
    supervisor.child.kill('SIGKILL');
    await expect.poll(() => pids.filter(isAlive), { interval: 10 }).toEqual([]);
  });
});
