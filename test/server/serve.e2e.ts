import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Job } from '../../src/jobs/job.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { runJq } from '../helpers/run-jq.ts';
import { beginRequest, createProjectFolder, type ErrorAnswer } from './test-server.ts';

const SLOW = `import { setTimeout } from 'node:timers/promises';
  export default ({ ms }, { signal }) => setTimeout(ms, null, { signal });`;

let redis: TestRedis;
let project: Awaited<ReturnType<typeof createProjectFolder>>;
const running = new Set<ChildProcess>();

beforeAll(async () => {
  redis = await startRedis();
  project = await createProjectFolder({}, { 'slow.mjs': SLOW });
});

afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
});

afterAll(async () => {
  await project.remove();
  await redis.stop();
});

/** `jq serve` as people run it. */
function serve(...flags: string[]) {
  const child = spawn(process.execPath, [inject('program'), 'serve', ...flags], {
    cwd: project.folder,
    env: { ...process.env, JQ_REDIS_URL: redis.url },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const exited = once(child, 'exit').then(([code]) => code as number);
  void exited.then(() => running.delete(child));
  return { child, exited, lines: createInterface({ input: child.stdout }), stderr: text(child.stderr) };
}

async function addJob(
  url: string,
  payload: object,
  type = 'greet',
): Promise<{ status: number; body: Job & ErrorAnswer }> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${url}/api/jobs`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ type, payload }),
  });
  return { status: response.status, body: (await response.json()) as Job & ErrorAnswer };
}

it('prints its URL, takes jobs, refuses what the handler refuses, and ends on SIGTERM while somebody waits', async () => {
  const { child, exited, lines, stderr } = serve('--port', '0');
  const [url] = (await once(lines, 'line')) as [string];
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);

  const added = await addJob(url, { name: 'Ada' });
  expect(added.status).toBe(201);
  expect(added.body).toMatchObject({ type: 'greet', status: 'pending' });
  const refused = await addJob(url, { name: 7 });
  expect(refused.status).toBe(422);
  expect(refused.body.error.details).toEqual([{ path: 'name', message: 'expected a text' }]);
  expect((await fetch(`${url}/health`)).status).toBe(200);

  const { answer } = await beginRequest(
    Number(new URL(url).port),
    `GET /api/jobs/${added.body.id}?wait=5m HTTP/1.1`,
    'x-request-id: waits',
  );
  child.kill('SIGTERM');
  expect(await answer).toContain('HTTP/1.1 503');
  expect(await exited).toBe(0);
  expect(await stderr).toContain('"requestId":"waits"');
});

it('refuses to listen beyond this machine with exit code 78', async () => {
  const { exited, stderr } = serve('--host', '0.0.0.0', '--port', '0');
  expect(await exited).toBe(78);
  expect(await stderr).toContain('without API keys');
});

it('says so and exits with 1 when the port is taken', async () => {
  const first = serve('--port', '0');
  const [url] = (await once(first.lines, 'line')) as [string];
  const second = serve('--port', new URL(url).port);
  expect(await second.exited).toBe(1);
  expect(await second.stderr).toContain('EADDRINUSE');
});

describe('--with-workers', () => {
  const withWorkers = ['--with-workers', '--port', '0', '--grace', '10s'];

  it('takes jobs and runs them, and on SIGTERM ends the server first, then what runs', async () => {
    const { child, exited, lines, stderr } = serve(...withWorkers, '--concurrency', '1');
    const [url] = (await once(lines, 'line')) as [string];
    const job = async (id: string, query = '') => (await (await fetch(`${url}/api/jobs/${id}${query}`)).json()) as Job;
    const quick = await addJob(url, { name: 'Ada' });
    expect(await job(quick.body.id, '?wait=20s')).toMatchObject({ status: 'completed', attempts: 1 });

    const slow = await addJob(url, { ms: 1500 }, 'slow');
    await expect.poll(async () => (await job(slow.body.id)).status).toBe('processing');
    child.kill('SIGTERM');
    expect(await exited).toBe(0);
    await expect(fetch(url)).rejects.toThrow('fetch failed');
    const other = serve('--port', '0');
    const [otherUrl] = (await once(other.lines, 'line')) as [string];
    const { status } = (await (await fetch(`${otherUrl}/api/jobs/${slow.body.id}`)).json()) as Job;
    expect(status).toBe('completed');
    expect(await stderr).toContain('"slots":{"default":1');
  });

  it('puts back what runs at the second signal', async () => {
    const { child, exited, lines } = serve(...withWorkers);
    const [url] = (await once(lines, 'line')) as [string];
    const { body } = await addJob(url, { ms: 30_000 }, 'slow');
    const status = async (base: string) => ((await (await fetch(`${base}/api/jobs/${body.id}`)).json()) as Job).status;
    await expect.poll(() => status(url)).toBe('processing');
    child.kill('SIGTERM');
    await expect
      .poll(() =>
        fetch(url).then(
          () => 'open',
          () => 'closed',
        ),
      )
      .toBe('closed');
    child.kill('SIGTERM');
    expect(await exited).toBe(143);
    const other = serve('--port', '0');
    const [otherUrl] = (await once(other.lines, 'line')) as [string];
    expect(await status(otherUrl)).toBe('pending');
  });

  it('leaves no worker when the port is taken', async () => {
    const first = serve('--port', '0');
    const [url] = (await once(first.lines, 'line')) as [string];
    const second = serve('--with-workers', '--port', new URL(url).port);
    expect(await second.exited).toBe(1);
    expect(await second.stderr).toContain('EADDRINUSE');
    expect(await (await fetch(`${url}/metrics`)).text()).toContain('jobqueue_workers{state="running"} 0');
  });

  it('warns of flags that do nothing without it', async () => {
    const { child, exited, lines, stderr } = serve('--port', '0', '--concurrency', '3');
    await once(lines, 'line');
    child.kill('SIGTERM');
    expect(await exited).toBe(0);
    expect(await stderr).toContain('--concurrency does nothing without --with-workers');
  });
});

it('jq health asks it, by the host and the port that it was told', async () => {
  const { lines } = serve('--port', '0');
  const [url] = (await once(lines, 'line')) as [string];
  const port = new URL(url).port;
  const ready = await runJq(['health', '--host', '0.0.0.0'], { env: { JQ_PORT: port } });
  expect(ready).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(ready.stdout)).toMatchObject({ status: 'ok', redis: { ok: true } });
  expect(await runJq(['health', '--live', '--port', port])).toMatchObject({ code: 0, stdout: '{"status":"ok"}\n' });
});
