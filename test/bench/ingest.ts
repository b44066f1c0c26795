/**
 * How fast many jobs are stored by one program, 500 in a call, against BullMQ's `addBulk`: `npm run bench:ingest`.
 * The sides take turns on one Redis; the ratios are what counts.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Queue } from 'bullmq';
import { addJobs } from '../../src/broker/add-jobs.ts';
import type { NewJob } from '../../src/broker/new-job.ts';
import { createKeys } from '../../src/broker/keys.ts';
import { openLastingRedis } from '../../src/broker/lasting-redis.ts';
import { openLocalRedis } from '../../src/broker/local-redis/open-local-redis.ts';
import { openQuickRedis } from '../../src/broker/quick-redis.ts';
import { parseTarget } from '../../src/broker/target.ts';
import { uuidV7 } from '../../src/lib/uuid.ts';

const ROUNDS = Number(process.argv[2] ?? 5);
const JOBS = 20_000;
const CALL = 500;
const PAYLOAD = { to: 'ada@example.com', subject: 'Hello', body: 'x'.repeat(100) };

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'jobqueue-bench-'));
const server = await openLocalRedis(folder, process.env, 1);
const target = parseTarget(server.url, 'bench');
const [lasting, quick] = [await openLastingRedis(target), await openQuickRedis(target)];
const queue = new Queue('default', { connection: { path: server.socketPath } });
const keys = createKeys('bull');

const newJob = (): NewJob => ({
  id: `j_${uuidV7()}`,
  queue: 'default',
  type: 'noop',
  payload: PAYLOAD,
  createdAt: Date.now(),
  delayMs: 0,
  priority: 0,
  attempts: 5,
  backoff: { type: 'exponential', delayMs: 2000, jitter: 0.2 },
  keepCompleted: { ageMs: 86_400_000, count: 10_000 },
  dedupe: undefined,
  idempotency: undefined,
  extras: { timeoutMs: 300_000 },
});
/** The same job, as BullMQ is told. */
const engineJob = () => ({
  name: 'noop',
  data: PAYLOAD,
  opts: {
    jobId: `j_${uuidV7()}`,
    attempts: 5,
    backoff: { type: 'exponential', delay: 2000, jitter: 0.2 },
    removeOnComplete: { age: 86_400, count: 10_000 },
    removeOnFail: false,
    jq: { timeoutMs: 300_000 },
  },
});
const calls = Array.from({ length: JOBS / CALL });
const SIDES: Record<string, () => Promise<unknown>> = {
  'BullMQ addBulk': () => queue.addBulk(Array.from({ length: CALL }, engineJob)),
  'over ioredis, as jq serve': () =>
    addJobs({ redis: lasting, keys, target } as never, Array.from({ length: CALL }, newJob)),
  'over a plain socket, as jq enqueue': () =>
    addJobs({ redis: quick, keys, target } as never, Array.from({ length: CALL }, newJob)),
};

const rates = new Map(Object.keys(SIDES).map((name) => [name, [] as number[]]));
for (let round = -1; round < ROUNDS; round += 1) {
  for (const [name, call] of Object.entries(SIDES)) {
    await lasting.call('FLUSHALL');
    const began = performance.now();
    for (const _ of calls) await call();
    // The first round fills caches.
    if (round >= 0) rates.get(name)!.push((JOBS / (performance.now() - began)) * 1000);
  }
}
await queue.close();
await Promise.all([lasting.close(), quick.close()]);
server.release();
fs.rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });

const medianOf = (all: readonly number[]): number => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)]!;
const bare = rates.get('BullMQ addBulk')!;
console.log(`${JOBS} jobs, ${CALL} in a call, medians of ${ROUNDS} rounds, node ${process.versions.node}`);
for (const [name, all] of rates) {
  const ratio = medianOf(all.map((rate, round) => rate / bare[round]!));
  console.log(`${name.padEnd(36)} ${medianOf(all).toFixed(0).padStart(7)}/s  ${ratio.toFixed(2)}`);
}
