import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import type { Job } from '../../src/jobs/job.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { beginRequest, createProjectFolder, type ErrorAnswer } from './test-server.ts';

let redis: TestRedis;
let project: Awaited<ReturnType<typeof createProjectFolder>>;
const running = new Set<ChildProcess>();

beforeAll(async () => {
  redis = await startRedis();
  project = await createProjectFolder();
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

async function addJob(url: string, payload: object): Promise<{ status: number; body: Job & ErrorAnswer }> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${url}/api/jobs`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ type: 'greet', payload }),
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
  expect(await stderr).toContain('needs API keys');
});

it('says so and exits with 1 when the port is taken', async () => {
  const first = serve('--port', '0');
  const [url] = (await once(first.lines, 'line')) as [string];
  const second = serve('--port', new URL(url).port);
  expect(await second.exited).toBe(1);
  expect(await second.stderr).toContain('EADDRINUSE');
});
