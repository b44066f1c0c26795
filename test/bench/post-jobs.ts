/**
 * Jobs a second through `POST /api/jobs` of the built program, with an API key, the handler's schema and the log, against a bare fastify route
 * around BullMQ's `queue.add`: `npm run bench:post`. Both take turns in short slices, with 64
 * requests in flight and then at a steady rate, so that what else the machine does falls on both alike; the ratio is what counts.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { openLocalRedis } from '../../src/broker/local-redis/open-local-redis.ts';
import { type Bench, runBench } from './helpers/bench.ts';
import { cpuMs } from './helpers/cpu.ts';
import { PROGRAM } from './helpers/server.ts';
import { quantileOf } from './helpers/statistics.ts';

const run = promisify(execFile);

const IN_FLIGHT = 64;
/** A rate that both can keep up with. */
const PACE_PER_SECOND = 4000;
const ROOT = path.resolve(import.meta.dirname, '../..');
const BARE = 'bare fastify with queue.add';

const body = JSON.stringify({ type: 'greet', payload: { name: 'Ada', to: 'ada@example.com', text: 'x'.repeat(100) } });
const requestWith = (key: string): string =>
  [
    'POST /api/jobs HTTP/1.1',
    'host: localhost',
    `authorization: Bearer ${key}`,
    'content-type: application/json',
    `content-length: ${body.length}`,
    '',
    body,
  ].join('\r\n');

interface Result {
  rate: number;
  cpuUs: number;
  /** Within which 99 of 100 were answered. */
  p99Ms: number;
}
interface PacedResult extends Result {
  /** The same where requests come at a rate that both can keep up with. */
  pacedP99Ms: number;
}

export const postJobs: Bench<{ rounds: number; seconds: number; 'warm-up': number }> = {
  name: 'post',
  full: { rounds: 20, seconds: 0.7, 'warm-up': 5 },
  short: { rounds: 1, seconds: 0.3, 'warm-up': 0 },
  async measure({ rounds, seconds, 'warm-up': warmUp }) {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'jobqueue-bench-'));
    fs.mkdirSync(path.join(folder, 'handlers'));
    fs.writeFileSync(
      path.join(folder, 'handlers/greet.mjs'),
      `const validate = (value) => typeof value?.name === 'string' ? { value } : { issues: [{ message: 'expected a text', path: ['name'] }] };
    export default { input: { '~standard': { version: 1, vendor: 'bench', validate } }, run: async () => {} };\n`,
    );
    const redis = await openLocalRedis(folder, process.env, 1);
    const bare = path.join(folder, 'bare.cjs');
    const require = (name: string): string => `require(${JSON.stringify(path.join(ROOT, 'node_modules', name))})`;
    fs.writeFileSync(
      bare,
      `const { fastify } = ${require('fastify')}; const { Queue } = ${require('bullmq')};
    const app = fastify(); const queue = new Queue('bare', { connection: { path: ${JSON.stringify(redis.socketPath)} } });
    app.post('/api/jobs', async (request, reply) => {
      const job = await queue.add(request.body.type, request.body.payload);
      return reply.code(201).send({ id: job.id });
    });
    app.listen({ port: 0, host: '127.0.0.1' }).then(console.log);\n`,
    );

    const children: ChildProcess[] = [];
    async function start(...args: string[]): Promise<{ port: number; pid: number }> {
      const log = fs.openSync(path.join(folder, 'log'), 'a');
      const child = spawn(process.execPath, [...process.execArgv, ...args], {
        cwd: folder,
        stdio: ['ignore', 'pipe', log],
      });
      children.push(child);
      const [url] = (await once(createInterface({ input: child.stdout! }), 'line')) as [string];
      return { port: Number(new URL(url).port), pid: child.pid! };
    }

    try {
      const { stdout } = await run(process.execPath, [PROGRAM, 'keys', 'create', 'bench', '--scope', 'enqueue'], {
        cwd: folder,
      });
      const request = requestWith(stdout.trim());
      const servers = {
        bare: await start(bare),
        ours: await start(PROGRAM, 'serve', '--port', '0'),
      };
      const results = { bare: [] as PacedResult[], ours: [] as PacedResult[] };
      for (let round = -warmUp; round < rounds; round += 1) {
        for (const name of ['bare', 'ours'] as const) {
          const result = await load(servers[name], { request, seconds });
          const pacedP99Ms = await pace(servers[name].port, { request, seconds });
          // The first ones warm up.
          if (round >= 0) results[name].push({ ...result, pacedP99Ms });
        }
      }
      const row = (figure: string, unit: string, pick: (result: PacedResult) => number) => ({
        figure,
        unit,
        ours: results.ours.map(pick),
        bare: { name: BARE, values: results.bare.map(pick) },
      });
      return [
        { ...row(`POST /api/jobs, ${IN_FLIGHT} in flight`, '/s', ({ rate }) => rate), target: { atLeast: 1.3 } },
        row('POST /api/jobs: processor time of the server', 'µs/job', ({ cpuUs }) => cpuUs),
        row('POST /api/jobs: p99', 'ms', ({ p99Ms }) => p99Ms),
        {
          ...row(`POST /api/jobs: p99 at ${PACE_PER_SECOND} a second`, 'ms', ({ pacedP99Ms }) => pacedP99Ms),
          target: { atMost: 1 },
        },
      ];
    } finally {
      for (const child of children) child.kill();
      await Promise.all(children.map((child) => once(child, 'exit')));
      redis.release();
      fs.rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
    }
  },
};

interface Load {
  request: string;
  seconds: number;
}

/** Requests a second, each connection sending one after the other, and what each cost the server's process. */
async function load({ port, pid }: { port: number; pid: number }, { request, seconds }: Load): Promise<Result> {
  const lines = await openLines(port, request);
  const cpuBefore = cpuMs(pid);
  const began = performance.now();
  const until = began + seconds * 1000;
  const took: number[] = [];
  const sendOn = (line: Line): Promise<void> =>
    new Promise((resolve) => {
      const send = (): void => {
        const sentAt = performance.now();
        line.post(() => {
          took.push(performance.now() - sentAt);
          if (performance.now() < until) send();
          else resolve();
        });
      };
      send();
    });
  await Promise.all(lines.map(sendOn));
  const result = {
    rate: (took.length / (performance.now() - began)) * 1000,
    cpuUs: ((cpuMs(pid) - cpuBefore) * 1000) / took.length,
    p99Ms: quantileOf(took, 0.99),
  };
  for (const line of lines) line.close();
  return result;
}

/**
 * Requests that come when they come, whether those before them were answered or not.
 * @returns within how many ms of when they were due 99 of 100 were answered
 */
async function pace(port: number, { request, seconds }: Load): Promise<number> {
  const lines = await openLines(port, request);
  const idle = [...lines];
  const due: number[] = [];
  const took: number[] = [];
  function sendDue(): void {
    while (idle.length > 0 && due.length > 0) {
      const [line, dueAt] = [idle.pop()!, due.shift()!];
      line.post(() => {
        took.push(performance.now() - dueAt);
        idle.push(line);
        sendDue();
      });
    }
  }
  const began = performance.now();
  const amount = PACE_PER_SECOND * seconds;
  for (let sent = 0; took.length < amount; await sleep(1)) {
    const upToNow = Math.min(amount, ((performance.now() - began) / 1000) * PACE_PER_SECOND);
    for (; sent < upToNow; sent += 1) due.push(began + (sent / PACE_PER_SECOND) * 1000);
    sendDue();
  }
  for (const line of lines) line.close();
  return quantileOf(took, 0.99);
}

/** A connection that sends the request whenever it is told to; one at a time. */
interface Line {
  post(onAnswer: () => void): void;
  close(): void;
}

const openLines = (port: number, request: string): Promise<Line[]> =>
  Promise.all(Array.from({ length: IN_FLIGHT }, () => openLine(port, request)));

/** @throws at any answer but 201: nobody can go on then */
async function openLine(port: number, request: string): Promise<Line> {
  const socket = net.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  let pending = '';
  let answered = (): void => {};
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    pending += chunk;
    const head = pending.indexOf('\r\n\r\n');
    if (head === -1) return;
    const length = Number(/content-length: (\d+)/i.exec(pending)?.[1]);
    if (pending.length < head + 4 + length) return;
    if (!pending.startsWith('HTTP/1.1 201')) throw new Error(pending);
    pending = '';
    answered();
  });
  return {
    post(onAnswer) {
      answered = onAnswer;
      socket.write(request);
    },
    close: () => socket.destroy(),
  };
}

await runBench(postJobs, import.meta.main);
