/**
 * How long a job waits from `queue.add` to the start of its handler while jobs come steadily, against a bare BullMQ worker:
 * `npm run bench:latency`. The two take turns on one Redis; the ratios are what counts.
 */
import { type Bench, runBench } from './helpers/bench.ts';
import type { Row } from './helpers/row.ts';
import { quantileOf } from './helpers/statistics.ts';
import { BARE, openWorkers } from './helpers/workers.ts';

export const latency: Bench<{ rounds: number; seconds: number; rate: number; slots: number }> = {
  name: 'latency',
  full: { rounds: 5, seconds: 5, rate: 300, slots: 10 },
  short: { rounds: 1, seconds: 0.5, rate: 300, slots: 10 },
  async measure({ rounds, seconds, rate, slots }) {
    const { queue, client, sides, start, end, close } = await openWorkers(slots);
    const warmUp = Math.ceil(rate * Math.min(seconds, 1));

    /** What each job waited (ms). */
    async function run(args: readonly string[]): Promise<number[]> {
      await client.flushall();
      const worker = start(args);
      const added: Promise<string>[] = [];
      // The first job tells when the worker has started.
      const first = await queue.add('noop', {});
      while ((await first.getState()) !== 'completed') await new Promise((resolve) => setTimeout(resolve, 20));
      const began = performance.now();
      for (let sent = 0; sent < warmUp + seconds * rate; sent += 1) {
        const dueIn = began + (sent * 1000) / rate - performance.now();
        if (dueIn > 0) await new Promise((resolve) => setTimeout(resolve, dueIn));
        added.push(queue.add('noop', { sentAt: `${process.hrtime.bigint()}` }).then(({ id }) => id!));
      }
      const ids = (await Promise.all(added)).slice(warmUp);
      while ((await queue.getJobCountByTypes('wait', 'active')) > 0) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      const waits = await Promise.all(ids.map((id) => client.hget(queue.toKey(id), 'returnvalue')));
      await end(worker);
      return waits.map(Number);
    }

    const results = new Map(Object.keys(sides).map((name) => [name, [] as number[][]]));
    for (let round = 0; round < rounds; round += 1) {
      for (const [name, args] of Object.entries(sides)) results.get(name)!.push(await run(args));
    }
    await close();

    const row = (name: string, what: string, share: number): Row => ({
      figure: `${name}: ${what} from adding to start, ${rate} jobs/s`,
      unit: 'ms',
      ours: results.get(name)!.map((waits) => quantileOf(waits, share)),
      bare: { name: BARE, values: results.get(BARE)!.map((waits) => quantileOf(waits, share)) },
    });
    const ours = [...results.keys()].filter((name) => name !== BARE);
    return ours.flatMap((name) => [row(name, 'p50', 0.5), { ...row(name, 'p99', 0.99), target: { atMost: 1 } }]);
  },
};

await runBench(latency, import.meta.main);
