import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { openQuickRedis } from '../../src/broker/quick-redis.ts';
import type { Redis } from '../../src/broker/redis.ts';
import { parseTarget } from '../../src/broker/target.ts';
import { pauseQueue } from '../../src/jobs/pause-queue.ts';
import { plantJobs } from '../helpers/plant-jobs.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { runJq, startJq } from '../helpers/run-jq.ts';
import { openTestProject } from '../helpers/test-project.ts';

let server: TestRedis;
let redis: Redis;

beforeAll(async () => {
  server = await startRedis();
  redis = await openQuickRedis(parseTarget(server.url, 'test'));
  await plantJobs(redis, [
    { id: 'w1', state: 'waiting' },
    { id: 'w2', state: 'waiting' },
    { id: 'd1', state: 'failed', queue: 'bills', fields: { failedReason: 'no \u001b[2J' } },
  ]);
});
afterAll(async () => {
  await redis.close();
  await server.stop();
});

const top = (...words: string[]) => ['top', '--quiet', '--redis', server.url, ...words];
const run = (...words: string[]) => runJq(top(...words));

describe('off a terminal', () => {
  test('one frame, in which who paused a queue is told', async () => {
    const project = await openTestProject(server);
    await pauseQueue({ ...project, caller: { who: 'ana@web-1' } }, 'bills');
    const { code, stdout } = await run();
    expect(code).toBe(0);
    expect(stdout).toMatch(/^QUEUE +STATE .* PAUSED_BY +TODAY +MEM_BYTES\n/);
    expect(stdout).toMatch(/^bills +paused +0 +0\/0 +0 +1 .* ana@web-1 +- +\d+$/m);
    expect(stdout).toMatch(/^mail +noworker +2 +0\/0 .* - +- +\d+$/m);
    expect(stdout).toMatch(/^[\n\x20-\x7e]*$/);
  });

  test('as data, of which every field is there though nothing is known', async () => {
    const { stdout } = await run('--json');
    const { queues, totals } = JSON.parse(stdout) as { queues: Record<string, unknown>[]; totals: object };
    const mail = queues.find(({ name }) => name === 'mail')!;
    const fields =
      'name state waiting active delayed completed failed workers slots paused pausedBy pausedAt concurrency rate ' +
      'oldestWaitingMs addedPerSecond completedPerSecond failedPerSecond deadPerSecond errorRate p50Ms p95Ms waitP50Ms ' +
      'waitP95Ms drainMs growthPerSecond history failedHistory types foreignWorkers today ever memoryBytes';
    expect(Object.keys(mail).toSorted()).toEqual(fields.split(' ').toSorted());
    expect(mail).toMatchObject({
      completedPerSecond: null,
      p95Ms: null,
      drainMs: null,
      types: [],
      today: null,
      ever: null,
    });
    expect(totals).toMatchObject({ waiting: 2, failed: 1, completedPerSecond: null, p95Ms: null });
  });

  test('with a pace, a line of data again and again, until it is interrupted', async () => {
    const running = startJq(top('--json', '--interval', '200ms'));
    await running.says(/^\{"v":1,.*\}\n\{"v":1,.*\}\n/s);
    await redis.call('LPUSH', 'bull:mail:wait', 'w3');
    await running.says(/"name":"mail","waiting":3/);
    running.child.kill('SIGINT');
    const { code, stdout, stderr } = await running.finished;
    expect([code, stderr]).toEqual([130, '']);
    for (const line of stdout.trimEnd().split('\n')) expect(JSON.parse(line)).toMatchObject({ v: 1 });
    await redis.call('LREM', 'bull:mail:wait', '1', 'w3');
  });

  test('a reader that has enough ends it, without a word', async () => {
    const [program, folder] = [inject('program'), process.cwd()];
    const command = `"$0" "$1" top --quiet --redis "$2" --interval 200ms | head -1; echo "\${PIPESTATUS[0]}"`;
    const shell = spawn('bash', ['-c', command, process.execPath, program, server.url], { cwd: folder });
    const said = Promise.all([text(shell.stdout), text(shell.stderr), once(shell, 'close')]);
    expect((await said).slice(0, 2)).toEqual([expect.stringMatching(/^QUEUE .*\n0\n$/), '']);
  });

  test('no colour, whatever is asked for: there is none', async () => {
    const { stdout } = await runJq(top('--once', '--color', 'always'), { env: { FORCE_COLOR: '3' } });
    expect(stdout).toMatch(/^[\n\x20-\x7e]+$/);
  });
});

describe('--check', () => {
  test('0 when all holds, 1 and what does not, queue by queue', async () => {
    expect(await run('--check', 'wait<3 bills:dlq<=1')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^ok: 2 conditions, \d queues\n$/) as string,
      stderr: '',
    });
    expect(await run('--check', 'wait<2 dlq=0')).toMatchObject({
      code: 1,
      stdout: 'bills: dlq is 1, expected = 0\nmail: wait is 2, expected < 2\n',
      stderr: '',
    });
    const { code, stdout } = await run('--check', 'mail:drain<1h', '--json');
    expect([code, JSON.parse(stdout)]).toMatchObject([
      1,
      { ok: false, failures: [{ queue: 'mail', condition: 'mail:drain<1h', value: null }] },
    ]);
  });

  test('what is wrong with it is told before Redis is asked', async () => {
    const nowhere = ['top', '--redis', 'redis://127.0.0.1:1', '--check'];
    expect(await runJq([...nowhere, 'wait<1k'])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^jq: Expected a number such as '1000' or '0.5' after wait<, got "1k"\n/) as string,
    });
    expect(await runJq([...nowhere, 'wait<1'])).toMatchObject({ code: 4 });
    expect(await run('--check', 'mall:wait<1')).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('Did you mean "mail"?') as string,
    });
  });
});

test.each([
  ['--screen-reader', {}],
  ['--ascii', { INK_SCREEN_READER: 'true' }],
])('for ears, on a terminal with %s: sentences, and no trick of the cursor', async (flag, env) => {
  const running = startJq(top(flag), { terminal: true, env });
  await running.says(/Queue mail, with no worker: 2 waiting, 0 active, 0 dead letters, the oldest waits for \d+d\./);
  // Ctrl-C, as it is typed.
  running.child.stdin!.write('\u0003');
  const { code, stdout } = await running.finished;
  expect(code).toBe(130);
  expect(stdout).toMatch(/Queue bills, paused by ana@web-1: 0 waiting/);
});
