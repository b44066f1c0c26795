/**
 * How fast many jobs are stored by one program, 500 in a call, against BullMQ's `addBulk`: `npm run bench:ingest`.
 * The sides take turns on one Redis; the ratios are what counts.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { addJobs } from '../../src/broker/add-jobs.ts';
import type { NewJob } from '../../src/broker/new-job.ts';
import { createKeys } from '../../src/broker/keys.ts';
import { openLastingRedis } from '../../src/broker/lasting-redis.ts';
import { openLocalRedis } from '../../src/broker/local-redis/open-local-redis.ts';
import { openQuickRedis } from '../../src/broker/quick-redis.ts';
import { parseTarget } from '../../src/broker/target.ts';
import { uuidV7 } from '../../src/lib/uuid.ts';
import { type Bench, runBench } from './helpers/bench.ts';
import { redisCpuMs } from './helpers/server.ts';

const PAYLOAD = { to: 'ada@example.com', subject: 'Hello', body: 'x'.repeat(100) };

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

const BARE = 'BullMQ addBulk';

export const ingest: Bench<{ rounds: number; jobs: number; call: number }> = {
  name: 'ingest',
  full: { rounds: 5, jobs: 20_000, call: 500 },
  short: { rounds: 1, jobs: 1000, call: 500 },
  async measure({ rounds, jobs, call }) {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'jobqueue-bench-'));
    const server = await openLocalRedis(folder, process.env, 1);
    const target = parseTarget(server.url, 'bench');
    const [lasting, quick] = [await openLastingRedis(target), await openQuickRedis(target)];
    const client = new Redis(server.socketPath);
    const queue = new Queue('default', { connection: { path: server.socketPath } });
    const keys = createKeys('bull');
    const list = <Job>(make: () => Job): Job[] => Array.from({ length: call }, make);
    const sides: Record<string, () => Promise<unknown>> = {
      [BARE]: () => queue.addBulk(list(engineJob)),
      'as jq serve': () => addJobs({ redis: lasting, keys, target } as never, list(newJob)),
      'as jq enqueue': () => addJobs({ redis: quick, keys, target } as never, list(newJob)),
    };

    const results = new Map(Object.keys(sides).map((name) => [name, { rates: [] as number[], redis: [] as number[] }]));
    for (let round = -1; round < rounds; round += 1) {
      for (const [name, add] of Object.entries(sides)) {
        await lasting.call('FLUSHALL');
        const [redisBefore, began] = [await redisCpuMs(client), performance.now()];
        for (let done = 0; done < jobs; done += call) await add();
        const wallMs = performance.now() - began;
        const redisMs = (await redisCpuMs(client)) - redisBefore;
        // The first round fills caches.
        if (round < 0) continue;
        results.get(name)!.rates.push((jobs / wallMs) * 1000);
        results.get(name)!.redis.push((redisMs * 1000) / jobs);
      }
    }
    await queue.close();
    client.disconnect();
    await Promise.all([lasting.close(), quick.close()]);
    server.release();
    fs.rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });

    const bare = results.get(BARE)!;
    return [...results].flatMap(([name, { rates, redis }]) =>
      name === BARE
        ? []
        : [
            {
              figure: `${name}: jobs stored, ${call} in a call`,
              unit: '/s',
              ours: rates,
              bare: { name: BARE, values: bare.rates },
              target: { atLeast: 3 },
            },
            {
              figure: `${name}: processor time of Redis`,
              unit: 'µs/job',
              ours: redis,
              bare: { name: BARE, values: bare.redis },
            },
          ],
    );
  },
};

await runBench(ingest, import.meta.main);
