/**
 * How fast a worker empties a queue of jobs that do nothing, against a bare BullMQ worker: `npm run bench:drain`.
 * They take turns on one Redis, so that what else the machine does falls on all; the ratios are what counts. Where that is
 * much, those of the processor time say more: when both ends have a core each, the dearer one sets the rate.
 */
import { type Bench, runBench } from './helpers/bench.ts';
import type { Row } from './helpers/row.ts';
import { cpuMs } from './helpers/cpu.ts';
import { redisCpuMs } from './helpers/server.ts';
import { BARE, openWorkers } from './helpers/workers.ts';

interface Result {
  jobsPerSecond: number;
  /** Microseconds of processor time a job. */
  worker: number;
  redis: number;
}

export const drain: Bench<{ rounds: number; jobs: number; slots: number }> = {
  name: 'drain',
  full: { rounds: 5, jobs: 60_000, slots: 50 },
  short: { rounds: 1, jobs: 3000, slots: 50 },
  async measure({ rounds, jobs, slots }) {
    const { queue, client, sides, start, end, close } = await openWorkers(slots);
    // What is loaded and compiled while the first jobs are run is no part of what a job costs.
    const warmUp = jobs / 6;

    /** Between the first job behind the warm-up and the last one. */
    async function run(args: readonly string[]): Promise<Result> {
      await client.flushall();
      await queue.pause();
      for (let added = 0; added < jobs; added += 5000) {
        const amount = Math.min(5000, jobs - added);
        await queue.addBulk(Array.from({ length: amount }, () => ({ name: 'noop', data: { to: 'ada@example.com' } })));
      }
      const worker = start(args);
      await queue.resume();
      while ((await client.llen(queue.toKey('wait'))) > jobs - warmUp) {
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      const left = await client.llen(queue.toKey('wait'));
      const [redisBefore, workerBefore, began] = [await redisCpuMs(client), cpuMs(worker.pid!), performance.now()];
      for (;;) {
        const [waiting, active] = [await client.llen(queue.toKey('wait')), await client.llen(queue.toKey('active'))];
        if (waiting + active === 0) break;
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      const wallMs = performance.now() - began;
      const [workerMs, redisMs] = [cpuMs(worker.pid!) - workerBefore, (await redisCpuMs(client)) - redisBefore];
      await end(worker);
      return {
        jobsPerSecond: (left / wallMs) * 1000,
        worker: (workerMs * 1000) / left,
        redis: (redisMs * 1000) / left,
      };
    }

    const results = new Map(Object.keys(sides).map((name) => [name, [] as Result[]]));
    for (let round = -1; round < rounds; round += 1) {
      for (const [name, args] of Object.entries(sides)) {
        const result = await run(args);
        // The first round fills caches.
        if (round >= 0) results.get(name)!.push(result);
      }
    }
    await close();

    const ours = [...results.keys()].filter((name) => name !== BARE);
    const row = (name: string, what: string, unit: string, pick: (result: Result) => number): Row => ({
      figure: `${name}: ${what}`,
      unit,
      ours: results.get(name)!.map(pick),
      bare: { name: BARE, values: results.get(BARE)!.map(pick) },
    });
    return ours.flatMap((name) => [
      { ...row(name, 'jobs drained', '/s', (result) => result.jobsPerSecond), target: { atLeast: 2 } },
      row(name, 'processor time of the worker', 'µs/job', (result) => result.worker),
      row(name, 'processor time of Redis', 'µs/job', (result) => result.redis),
    ]);
  },
};

await runBench(drain, import.meta.main);
