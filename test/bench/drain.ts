/**
 * How fast a worker empties a queue of jobs that do nothing, against a bare BullMQ worker: `npm run bench:drain`.
 * The two take turns on one Redis, so that what else the machine does falls on both; the ratios are what counts.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { openLocalRedis } from '../../src/broker/local-redis/open-local-redis.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    jobs: { type: 'string', default: '30000' },
    slots: { type: 'string', default: '50' },
  },
});
const [rounds, jobs, slots] = [Number(values.rounds), Number(values.jobs), Number(values.slots)];

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'jobqueue-bench-'));
fs.mkdirSync(path.join(folder, 'handlers'));
fs.writeFileSync(path.join(folder, 'handlers/noop.ts'), 'export default async (): Promise<void> => {};\n');
const redis = await openLocalRedis(folder, process.env, 1);
const queue = new Queue('default', { connection: { path: redis.socketPath } });
const client = new Redis(redis.socketPath);

const program = path.resolve(import.meta.dirname, '../../dist/jq.cjs');
const jq = ['work', '--queues', 'default', '--concurrency', `${slots}`, '--log-level', 'error'];
const SIDES: Record<string, string[]> = {
  'bare BullMQ worker': [path.join(import.meta.dirname, 'bare-worker.ts'), redis.socketPath, `${slots}`],
  'jq work': [program, ...jq],
  'jq work --inline': [program, ...jq, '--inline'],
};

/** Jobs per second between the first that was taken and the last that ended. */
async function measure(args: readonly string[]): Promise<number> {
  await client.flushall();
  await queue.pause();
  for (let added = 0; added < jobs; added += 5000) {
    await queue.addBulk(
      Array.from({ length: Math.min(5000, jobs - added) }, () => ({ name: 'noop', data: { to: 'ada@example.com' } })),
    );
  }
  const worker: ChildProcess = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  await queue.resume();
  while ((await client.llen(queue.toKey('wait'))) === jobs) await new Promise((resolve) => setTimeout(resolve, 1));
  const began = performance.now();
  for (;;) {
    const [waiting, active] = [await client.llen(queue.toKey('wait')), await client.llen(queue.toKey('active'))];
    if (waiting + active === 0) break;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const seconds = (performance.now() - began) / 1000;
  worker.kill('SIGTERM');
  await once(worker, 'exit');
  return jobs / seconds;
}

const rates = new Map(Object.keys(SIDES).map((name) => [name, [] as number[]]));
for (let round = -1; round < rounds; round += 1) {
  for (const [name, args] of Object.entries(SIDES)) {
    const rate = await measure(args);
    // The first round fills caches.
    if (round >= 0) rates.get(name)!.push(rate);
  }
}
await queue.close();
client.disconnect();
redis.release();
fs.rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });

const medianOf = (all: readonly number[]): number => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)]!;
const bare = rates.get('bare BullMQ worker')!;
console.log(`${jobs} jobs, ${slots} slots, medians of ${rounds} rounds, node ${process.versions.node}`);
for (const [name, all] of rates) {
  const ratio = medianOf(all.map((rate, round) => rate / bare[round]!));
  const spread = `${Math.min(...all).toFixed(0)} to ${Math.max(...all).toFixed(0)}`;
  console.log(`${name.padEnd(20)} ${medianOf(all).toFixed(0).padStart(6)}/s (${spread})  ${ratio.toFixed(2)}`);
}
