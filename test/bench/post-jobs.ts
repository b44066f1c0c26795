/**
 * Jobs a second through `POST /api/jobs` of the built program, with its checks and its log, against a bare fastify route
 * around BullMQ's `queue.add`: `node test/bench/post-jobs.ts [rounds] [seconds]`. Both take turns in short slices with 64
 * requests in flight, so that what else the machine does falls on both alike; the ratio is what counts.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { openLocalRedis } from '../../src/broker/local-redis/open-local-redis.ts';
import { cpuMs } from './cpu.ts';

const [rounds = 20, seconds = 0.7] = process.argv.slice(2).map(Number);
const IN_FLIGHT = 64;
const ROOT = path.resolve(import.meta.dirname, '../..');

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

const body = JSON.stringify({ type: 'greet', payload: { name: 'Ada', to: 'ada@example.com', text: 'x'.repeat(100) } });
const request = Buffer.from(
  `POST /api/jobs HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
);

interface Result {
  rate: number;
  cpuUs: number;
  /** Within which 99 of 100 were answered. */
  p99Ms: number;
}
/** A quarter of the slices does better: whatever else the machine does makes a slice worse, never better. */
const bestOf = (all: number[]): number => all.toSorted((a, b) => b - a)[Math.floor(all.length / 4)]!;

/** Requests a second, each connection sending one after the other, and what each cost the server's process. */
async function load({ port, pid }: { port: number; pid: number }): Promise<Result> {
  const cpuBefore = cpuMs(pid);
  const until = performance.now() + seconds * 1000;
  const took: number[] = [];
  const began = performance.now();
  await Promise.all(
    Array.from(
      { length: IN_FLIGHT },
      () =>
        new Promise<void>((resolve, reject) => {
          let sentAt = 0;
          function send(): void {
            sentAt = performance.now();
            socket.write(request);
          }
          const socket = net.connect(port, '127.0.0.1', send);
          let pending = '';
          socket.setEncoding('latin1').on('data', (chunk: string) => {
            pending += chunk;
            const head = pending.indexOf('\r\n\r\n');
            if (head === -1) return;
            const length = Number(/content-length: (\d+)/i.exec(pending)?.[1]);
            if (pending.length < head + 4 + length) return;
            if (!pending.startsWith('HTTP/1.1 201')) reject(new Error(pending));
            pending = '';
            took.push(performance.now() - sentAt);
            if (performance.now() < until) send();
            else socket.end(() => resolve());
          });
          socket.on('error', reject);
        }),
    ),
  );
  return {
    rate: (took.length / (performance.now() - began)) * 1000,
    cpuUs: ((cpuMs(pid) - cpuBefore) * 1000) / took.length,
    p99Ms: took.toSorted((a, b) => a - b)[Math.floor(took.length * 0.99)]!,
  };
}

try {
  const servers = {
    bare: await start(bare),
    ours: await start(path.join(ROOT, 'dist/jq.cjs'), 'serve', '--port', '0'),
  };
  const results = { bare: [] as Result[], ours: [] as Result[] };
  for (let round = -5; round < rounds; round += 1) {
    for (const name of ['bare', 'ours'] as const) {
      const result = await load(servers[name]);
      // The first ones warm up.
      if (round >= 0) results[name].push(result);
    }
  }
  for (const [name, of] of Object.entries(results)) {
    const [rate, cpuUs, p99Ms] = [
      bestOf(of.map((each) => each.rate)),
      -bestOf(of.map((each) => -each.cpuUs)),
      -bestOf(of.map((each) => -each.p99Ms)),
    ];
    console.log(
      `${name.padEnd(5)} ${rate.toFixed(0).padStart(6)}/s  ${cpuUs.toFixed(1).padStart(6)} µs of processor time each  p99 ${p99Ms.toFixed(1)} ms`,
    );
  }
  const ratioOf = (pick: (result: Result) => number): string => {
    const [ours, bare] = [bestOf(results.ours.map(pick)), bestOf(results.bare.map(pick))];
    return (ours / bare).toFixed(2);
  };
  console.log(
    `ratio ${ratioOf(({ rate }) => rate)} by rate, ${ratioOf(({ cpuUs }) => 1 / cpuUs)} by processor time, ${ratioOf(({ p99Ms }) => 1 / p99Ms)} by p99`,
  );
} finally {
  for (const child of children) child.kill();
  await Promise.all(children.map((child) => once(child, 'exit')));
  redis.release();
  fs.rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
}
