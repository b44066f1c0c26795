/**
 * How fast a worker empties a queue of jobs that do nothing, against a bare BullMQ worker: `npm run bench:drain`.
 * They take turns on one Redis, so that what else the machine does falls on all; the ratios are what counts. Where that is
 * much, those of the processor time say more: when both ends have a core each, the dearer one sets the rate.
 */
import { parseArgs } from 'node:util';
import { cpuMs } from './cpu.ts';
import { medianOf, openWorkers } from './workers.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    jobs: { type: 'string', default: '60000' },
    slots: { type: 'string', default: '50' },
  },
});
const [rounds, jobs, slots] = [Number(values.rounds), Number(values.jobs), Number(values.slots)];
const { queue, client, redisPid, sides, start, end, close } = await openWorkers(slots);

interface Result {
  /** Microseconds a job: by the clock, and of processor time of the worker and of Redis. */
  wall: number;
  worker: number;
  redis: number;
}

/** What is loaded and compiled while the first jobs are run is no part of what a job costs. */
const WARM_UP = jobs / 6;

/** Between the first job behind the warm-up and the last one. */
async function measure(args: readonly string[]): Promise<Result> {
  await client.flushall();
  await queue.pause();
  for (let added = 0; added < jobs; added += 5000) {
    await queue.addBulk(
      Array.from({ length: Math.min(5000, jobs - added) }, () => ({ name: 'noop', data: { to: 'ada@example.com' } })),
    );
  }
  const worker = start(args);
  await queue.resume();
  while ((await client.llen(queue.toKey('wait'))) > jobs - WARM_UP)
    await new Promise((resolve) => setTimeout(resolve, 1));
  const left = await client.llen(queue.toKey('wait'));
  const [began, workerBefore, redisBefore] = [performance.now(), cpuMs(worker.pid!), cpuMs(redisPid)];
  for (;;) {
    const [waiting, active] = [await client.llen(queue.toKey('wait')), await client.llen(queue.toKey('active'))];
    if (waiting + active === 0) break;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const wallMs = performance.now() - began;
  const [workerMs, redisMs] = [cpuMs(worker.pid!) - workerBefore, cpuMs(redisPid) - redisBefore];
  await end(worker);
  const [wall, workerUs, redisUs] = [wallMs, workerMs, redisMs].map((ms) => (ms * 1000) / left) as [
    number,
    number,
    number,
  ];
  return { wall, worker: workerUs, redis: redisUs };
}

const results = new Map(Object.keys(sides).map((name) => [name, [] as Result[]]));
for (let round = -1; round < rounds; round += 1) {
  for (const [name, args] of Object.entries(sides)) {
    const result = await measure(args);
    // The first round fills caches.
    if (round >= 0) results.get(name)!.push(result);
  }
}
await close();

const bare = results.get('bare BullMQ worker')!;
console.log(`${jobs} jobs, ${slots} slots, medians of ${rounds} rounds, node ${process.versions.node}`);
console.log('                     jobs/s (from to)  times bare | µs a job: worker  Redis | times bare: worker  Redis');
for (const [name, all] of results) {
  const rates = all.map(({ wall }) => 1e6 / wall);
  const ratioOf = (pick: (result: Result) => number) =>
    medianOf(all.map((result, round) => pick(bare[round]!) / pick(result))).toFixed(2);
  const usOf = (pick: (result: Result) => number) => medianOf(all.map(pick)).toFixed(1).padStart(6);
  console.log(
    `${name.padEnd(20)} ${medianOf(rates).toFixed(0).padStart(6)} (${Math.min(...rates).toFixed(0)} to ${Math.max(...rates).toFixed(0)}) ` +
      `${ratioOf(({ wall }) => wall)} | ${usOf(({ worker }) => worker)} ${usOf(({ redis }) => redis)} | ` +
      `${ratioOf(({ worker }) => worker)} ${ratioOf(({ redis }) => redis)}`,
  );
}
