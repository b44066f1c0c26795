/**
 * How long a job waits from `queue.add` to the start of its handler while jobs come steadily, against a bare BullMQ worker:
 * `npm run bench:latency`. The two take turns on one Redis; the ratios are what counts.
 */
import { parseArgs } from 'node:util';
import { medianOf, openWorkers } from './workers.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '5' },
    rate: { type: 'string', default: '300' },
    slots: { type: 'string', default: '10' },
  },
});
const [rounds, seconds, rate, slots] = [values.rounds, values.seconds, values.rate, values.slots].map(Number) as [
  number,
  number,
  number,
  number,
];
const WARM_UP_SECONDS = 1;
const { queue, client, sides, start, end, close } = await openWorkers(slots);

/** What each job waited (ms), in order. */
async function measure(args: readonly string[]): Promise<number[]> {
  await client.flushall();
  const worker = start(args);
  const added: Promise<string>[] = [];
  const warmUp = WARM_UP_SECONDS * rate;
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
  while ((await queue.getJobCountByTypes('wait', 'active')) > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const waits = await Promise.all(ids.map((id) => client.hget(queue.toKey(id), 'returnvalue')));
  await end(worker);
  return waits.map(Number).toSorted((one, other) => one - other);
}

const quantile = (sorted: readonly number[], share: number): number => sorted[Math.floor(sorted.length * share)]!;
const results = new Map(Object.keys(sides).map((name) => [name, [] as number[][]]));
for (let round = 0; round < rounds; round += 1) {
  for (const [name, args] of Object.entries(sides)) results.get(name)!.push(await measure(args));
}
await close();

const bare = results.get('bare BullMQ worker')!;
console.log(
  `${rate} jobs/s for ${seconds} s, ${slots} slots, medians of ${rounds} rounds, node ${process.versions.node}`,
);
console.log('                      p50 ms  p99 ms | share of bare: p50   p99');
for (const [name, all] of results) {
  const [p50, p99] = [0.5, 0.99].map((share) => medianOf(all.map((waits) => quantile(waits, share))).toFixed(2));
  const [half, most] = [0.5, 0.99].map((share) =>
    medianOf(all.map((waits, round) => quantile(waits, share) / quantile(bare[round]!, share))).toFixed(2),
  );
  console.log(
    `${name.padEnd(20)} ${p50!.padStart(7)} ${p99!.padStart(7)} | ${half!.padStart(18)} ${most!.padStart(5)}`,
  );
}
