import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { type RunningJq, runJq, startJq } from '../helpers/run-jq.ts';
import { createProjectFolder, sendRaw, statusOf } from './test-server.ts';

/** Stands wherever something is secret, and must be seen nowhere. */
const CANARY = 'canary-4711';

let redis: TestRedis;
let url: string;
let project: Awaited<ReturnType<typeof createProjectFolder>>;

beforeAll(async () => {
  redis = await startRedis({ port: true, args: ['--user', 'app', 'on', `>${CANARY}`, '~*', '&*', '+@all'] });
  url = redis.url.replace('//', `//app:${CANARY}@`);
  project = await createProjectFolder(
    {},
    {
      'chatty.mjs': `export default async (payload, { log }) => {
        log.info({ password: payload.secret, nested: { api_key: payload.secret } }, 'done');
      };`,
    },
  );
});

afterAll(async () => {
  await project.remove();
  await redis.stop();
});

const surroundings = () => ({ cwd: project.folder, env: { JQ_REDIS_URL: url } });

async function startServe(): Promise<{ serve: RunningJq; origin: string; port: number }> {
  const serve = startJq(['serve', '--port', '0'], surroundings());
  const [origin] = await serve.says(/http:\/\/127\.0\.0\.1:\d+/);
  return { serve, origin, port: Number(new URL(origin).port) };
}

const stop = async (running: RunningJq): Promise<string> => {
  running.child.kill('SIGTERM');
  const { stdout, stderr } = await running.finished;
  return stdout + stderr;
};

describe('#18 what is secret', () => {
  it('stays out of the log, whichever way it came in and whatever went wrong with it', async () => {
    const { serve, origin } = await startServe();
    const send = (body: string, headers = {}, query = '') =>
      fetch(`${origin}/api/jobs${query}`, {
        method: 'POST',
        body,
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${CANARY}`,
          cookie: `session=${CANARY}`,
          'idempotency-key': CANARY,
          'x-api-key': CANARY,
          ...headers,
        },
      });
    const job = (payload: unknown) => JSON.stringify({ type: 'greet', payload });
    const answers = [
      await send(job({ name: CANARY })),
      await send(job({ [CANARY]: CANARY })),
      await send(`{"${CANARY}": ${CANARY}`),
      await send(job({ name: CANARY }), { 'content-type': CANARY }),
      await send(job({ name: CANARY }), {}, `?token=${CANARY}`),
    ];
    expect(answers.map(({ status }) => status)).toEqual([201, 422, 400, 415, 400]);
    const { stdout: key } = await runJq(['keys', 'create', 'one', '--scope', 'read'], surroundings());
    await expect.poll(async () => (await send(job(1))).status).toBe(401);
    const get = async () =>
      (await fetch(`${origin}/api/jobs`, { headers: { authorization: `Basic ${btoa(`x:${key.trim()}`)}` } })).status;
    expect(await get()).toBe(200);
    await redis.kill();
    expect(await get()).toBe(503);
    await redis.restart();
    const said = await stop(serve);
    expect(said.match(/"msg":"request"/g)!.length).toBeGreaterThanOrEqual(answers.length);
    expect(said).not.toContain(CANARY);
    expect(said).not.toContain(key.trim());
    expect(said).not.toContain(btoa(`x:${key.trim()}`));
  });

  it('stays out of what a command says when Redis does not let it in', async () => {
    for (const wrong of [url.replace('app:', 'nobody:'), `redis://:${CANARY}@127.0.0.1:1`, `redis://:${CANARY}@[::1`]) {
      const { code, stdout, stderr } = await runJq(['keys', 'list', '--verbose'], {
        ...surroundings(),
        env: { JQ_REDIS_URL: wrong },
      });
      expect(code).not.toBe(0);
      expect(stdout + stderr).not.toContain(CANARY);
    }
  });

  it('stays out of the log of a worker and of what is kept of it with the job', async () => {
    const payload = JSON.stringify({ secret: CANARY });
    const { stdout: id } = await runJq(['enqueue', 'chatty', '--payload', payload], surroundings());
    const worked = await runJq(['work', '--drain'], surroundings());
    expect(worked.stderr).toContain('"password":"****"');
    expect(worked.stdout + worked.stderr).not.toContain(CANARY);
    const { stdout: logs } = await runJq(['jobs', 'logs', id.trim()], surroundings());
    expect(logs).toContain('"api_key":"****"');
    expect(logs).not.toContain(CANARY);
  });
});

/** The command lines of a process and of all that it started. */
function commandLines(pid: number): string[] {
  const children = fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(/\s+/).filter(Boolean);
  const own = fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  return [own, ...children.flatMap((child) => commandLines(Number(child)))];
}

describe('#19 command lines, which everyone can read, hold no secret', () => {
  it.each([
    ['dev', /serve.*http/s],
    ['work', /"msg":"ready|working|started/i],
  ])('jq %s and what it starts', async (command, ready) => {
    const running = startJq([command, ...(command === 'dev' ? ['--port', '0'] : [])], surroundings());
    await running.says(ready);
    const lines = commandLines(running.child.pid!);
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.join('\n')).not.toContain(CANARY);
    await stop(running);
  });

  it('not even of what jq dev starts when its own does', async () => {
    const running = startJq(['dev', '--port', '0', '--redis', url], { cwd: project.folder });
    await running.says(/serve.*http/s);
    const [own, ...started] = commandLines(running.child.pid!);
    expect(own).toContain(CANARY);
    expect(started.length).toBeGreaterThan(1);
    expect(started.join('\n')).not.toContain(CANARY);
    const said = await stop(running);
    expect(said).toContain('everyone on this machine can read the password');
    expect(said).not.toContain(CANARY);
  });
});

it('#17 no text of a request can do something to a terminal that shows the log', async () => {
  const { stdout: key } = await runJq(['keys', 'create', 'two', '--scope', 'admin'], surroundings());
  const { serve, origin, port } = await startServe();
  const headers = { authorization: `Bearer ${key.trim()}`, 'content-type': 'application/json' };
  // As bytes: an HTTP library would not send them.
  for (const path of ['/\u009B31m', '/api/jobs/\u009D0;title\u009C']) {
    const request = `GET ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`;
    expect(statusOf(await sendRaw(port, Buffer.from(request, 'latin1')))).toBe(400);
  }
  const hostile = '\u001B]52;c;eA==\u0007\u009B31m\u202E\u2028';
  const job = { type: hostile, payload: hostile, options: { queue: hostile, [hostile]: hostile } };
  const posted = await fetch(`${origin}/api/jobs`, { method: 'POST', headers, body: JSON.stringify(job) });
  expect(posted.status).toBe(400);
  expect((await fetch(`${origin}/api/jobs/${encodeURIComponent(hostile)}`, { headers })).status).toBe(404);
  const said = await stop(serve);
  expect(said.match(/"msg":"request"/g)).toHaveLength(2);
  expect(said).toMatch(/^[\n\x20-\x7E]*$/);
});
