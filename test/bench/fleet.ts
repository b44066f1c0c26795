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

const ROUNDS = Number(process.argv[2] ?? 5);
const JOBS = 10_000;
const UNDER_WAY = 50;
const CALL = 500;

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'jobqueue-bench-'));
const single = new RedisNode(folder, await freePort());
const [sentinel, cluster] = [new SentinelFleet(folder), new ClusterFleet(folder, { hasReplicas: true })];
await Promise.all([single.start(), sentinel.start(), cluster.start()]);

const SIDES = [
  { name: 'one Redis, one queue', url: single.url, queues: 1, replicas: 0 },
  { name: 'one Redis, three queues', url: single.url, queues: 3, replicas: 0 },
  { name: 'Sentinel', url: sentinel.url, queues: 1, replicas: 0 },
  { name: 'Sentinel, minReplicas 1', url: sentinel.url, queues: 1, replicas: 1 },
  { name: 'Cluster, one queue', url: cluster.url, queues: 1, replicas: 0 },
  { name: 'Cluster, three queues', url: cluster.url, queues: 3, replicas: 0 },
  { name: 'Cluster, three queues, minReplicas 1', url: cluster.url, queues: 3, replicas: 1 },
];
const sides = await Promise.all(
  SIDES.map(async ({ name, url, queues, replicas }) => {
    const target = parseTarget(url, 'bench', { replicas });
    const redis = await openLastingRedis(target, { deadlineMs: 30_000 });
    const keys = createKeys('bull', target.cluster !== undefined);
    let count = 0;
    const add = (amount: number) => {
      const jobs = Array.from({ length: amount }, () => newJob({ queue: ['a', 'b', 'c'][count++ % queues]! }));
      return addJobs({ redis, keys, target } as never, jobs);
    };
    return { name, redis, add, one: [] as number[], many: [] as number[] };
  }),
);

for (let round = -1; round < ROUNDS; round += 1) {
  for (const { redis, add, one, many } of sides) {
    await Promise.all(redis.masters().map((master) => master.call('FLUSHALL')));
    const ones = await rate(async () => {
      let left = JOBS;
      const line = async (): Promise<void> => {
        while (left-- > 0) await add(1);
      };
      await Promise.all(Array.from({ length: UNDER_WAY }, line));
    });
    const manies = await rate(async () => {
      for (let done = 0; done < JOBS; done += CALL) await add(CALL);
    });
    // The first round fills caches.
    if (round >= 0) [one, many].forEach((all, index) => all.push([ones, manies][index]!));
  }
}
await Promise.all(sides.map(({ redis }) => redis.close()));
await Promise.all([single.kill(), sentinel.kill(), cluster.kill()]);
fs.rmSync(folder, { recursive: true, force: true });

async function rate(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return (JOBS / (performance.now() - began)) * 1000;
}
const medianOf = (all: readonly number[]): number => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)]!;
const render = (all: readonly number[], bare: readonly number[]): string =>
  `${medianOf(all).toFixed(0).padStart(7)}/s  ${medianOf(all.map((each, round) => each / bare[round]!)).toFixed(2)}`;

const [bare] = sides;
console.log(`${JOBS} jobs, medians of ${ROUNDS} rounds, node ${process.versions.node}`);
console.log(`${''.padEnd(36)} ${'one in a call'.padStart(15)}  ${`${CALL} in a call`.padStart(16)}`);
for (const { name, one, many } of sides) {
  console.log(`${name.padEnd(36)} ${render(one, bare!.one)}  ${render(many, bare!.many)}`);
}
