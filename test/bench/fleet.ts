/**
 * What several servers cost, against one: `npm run bench:fleet`. Each side stores the same jobs, one in a call with 50 calls
 * under way and 500 in a call, over TCP. All servers are on this machine, so this shows the price of each, and no gain of several.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { addJobs } from '../../src/broker/add-jobs.ts';
import { createKeys } from '../../src/broker/keys.ts';
import { openLastingRedis } from '../../src/broker/lasting-redis.ts';
import { parseTarget } from '../../src/broker/target.ts';
import { freePort } from '../helpers/free-port.ts';
import { ClusterFleet } from '../helpers/cluster.ts';
import { newJob } from '../helpers/new-job.ts';
import { RedisNode } from '../helpers/redis-node.ts';
import { SentinelFleet } from '../helpers/sentinel.ts';
import { type Bench, runBench } from './helpers/bench.ts';

const UNDER_WAY = 50;
const CALL = 500;

export const fleet: Bench<{ rounds: number; jobs: number }> = {
  name: 'fleet',
  full: { rounds: 5, jobs: 10_000 },
  short: { rounds: 1, jobs: 500 },
  async measure({ rounds, jobs }) {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'jobqueue-bench-'));
    const single = new RedisNode(folder, await freePort());
    const [sentinel, cluster] = [new SentinelFleet(folder), new ClusterFleet(folder, { hasReplicas: true })];
    await Promise.all([single.start(), sentinel.start(), cluster.start()]);

    const places = [
      { name: 'one Redis, one queue', url: single.url, queues: 1, replicas: 0 },
      { name: 'one Redis, three queues', url: single.url, queues: 3, replicas: 0 },
      { name: 'Sentinel', url: sentinel.url, queues: 1, replicas: 0 },
      { name: 'Sentinel, minReplicas 1', url: sentinel.url, queues: 1, replicas: 1 },
      { name: 'Cluster, one queue', url: cluster.url, queues: 1, replicas: 0 },
      { name: 'Cluster, three queues', url: cluster.url, queues: 3, replicas: 0 },
      { name: 'Cluster, three queues, minReplicas 1', url: cluster.url, queues: 3, replicas: 1 },
    ];
    const sides = await Promise.all(
      places.map(async ({ name, url, queues, replicas }) => {
        const target = parseTarget(url, 'bench', { replicas });
        const redis = await openLastingRedis(target, { deadlineMs: 30_000 });
        const keys = createKeys('bull', target.cluster !== undefined);
        let count = 0;
        const add = (amount: number) => {
          const made = Array.from({ length: amount }, () => newJob({ queue: ['a', 'b', 'c'][count++ % queues]! }));
          return addJobs({ redis, keys, target } as never, made);
        };
        return { name, redis, add, one: [] as number[], many: [] as number[] };
      }),
    );

    for (let round = -1; round < rounds; round += 1) {
      for (const { redis, add, one, many } of sides) {
        await Promise.all(redis.masters().map((master) => master.call('FLUSHALL')));
        const ones = await rate(jobs, async () => {
          let left = jobs;
          const line = async (): Promise<void> => {
            while (left-- > 0) await add(1);
          };
          await Promise.all(Array.from({ length: UNDER_WAY }, line));
        });
        const manies = await rate(jobs, async () => {
          for (let done = 0; done < jobs; done += CALL) await add(CALL);
        });
        // The first round fills caches.
        if (round >= 0) [one, many].forEach((all, index) => all.push([ones, manies][index]!));
      }
    }
    await Promise.all(sides.map(({ redis }) => redis.close()));
    await Promise.all([single.kill(), sentinel.kill(), cluster.kill()]);
    fs.rmSync(folder, { recursive: true, force: true });

    const [bare, ...others] = sides as unknown as [Side, ...Side[]];
    return others.flatMap(({ name, one, many }) => [
      {
        figure: `${name}: jobs stored, one in a call`,
        unit: '/s',
        ours: one,
        bare: { name: bare.name, values: bare.one },
      },
      {
        figure: `${name}: jobs stored, ${CALL} in a call`,
        unit: '/s',
        ours: many,
        bare: { name: bare.name, values: bare.many },
      },
    ]);
  },
};

interface Side {
  name: string;
  /** Jobs a second, a value for each round. */
  one: number[];
  many: number[];
}

async function rate(jobs: number, work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return (jobs / (performance.now() - began)) * 1000;
}

await runBench(fleet, import.meta.main);
