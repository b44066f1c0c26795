import { medianOf } from '../helpers/statistics.ts';
import type { Growth } from './growth.ts';
import { type Place, sleep } from './place.ts';

const LOOKS = 9;

const COUNTS = '/api/jobs/stats';

/** A queue that gets longer. */
export const waitingJobs: Growth = {
  name: 'waiting',
  title: 'Jobs that wait in one queue',
  of: 'waiting jobs',
  full: [1000, 10_000, 100_000, 300_000, 1_000_000],
  short: [500, 1000],
  figures: [
    { name: 'memory of Redis', unit: 'MB', panel: 'memory of Redis, MB' },
    { name: 'stored', unit: 'jobs/s', panel: 'jobs a second' },
    { name: 'run', unit: 'jobs/s', panel: 'jobs a second' },
    { name: 'first counts', unit: 'ms', panel: 'answer of jq serve, ms' },
    { name: 'counts', unit: 'ms', panel: 'answer of jq serve, ms' },
    { name: 'a page of 100', unit: 'ms', panel: 'answer of jq serve, ms' },
  ],
  async measure(place, amount, least) {
    const empty = await usedMb(place);
    // At this depth are stored and run so many, and some more until the worker is warm.
    const [sample, warmUp] = least ? [200, 100] : [Math.max(10_000, Math.min(amount, 30_000)), 5000];
    await place.add(amount, () => ({}));
    const memory = (await usedMb(place)) - empty;
    const reading = await readingMs(place);
    const stored = await place.add(sample + warmUp, () => ({}));
    const worker = place.start('work', '--queues', 'default', '--concurrency', '50', '--log-level', 'error');
    const { jobsPerSecond } = await place.pass(['default'], amount + sample, amount);
    await worker.end();
    return [memory, stored, jobsPerSecond, ...reading];
  },
};

const usedMb = async ({ client }: Place): Promise<number> =>
  Number(/used_memory:(\d+)/.exec(await client.info('memory'))![1]) / 1e6;

/** Until the counts are there the first time and later, and a page of jobs. */
async function readingMs(place: Place): Promise<number[]> {
  const server = place.start('serve', '--port', '0', '--log-level', 'error');
  let url: string | undefined;
  while (!(url = /http:\/\/[\d.:]+/.exec(server.output())?.[0])) await sleep(20);
  const medians = [await timed(() => read(url + COUNTS))];
  // Each answer looks on for queues of other programs, until all keys were walked over; then none does for a minute.
  while ((await place.client.exists(place.keys.queuesSearched)) === 0) await read(url + COUNTS);
  for (const route of [COUNTS, '/api/jobs?status=pending&limit=100']) {
    const times: number[] = [];
    for (let look = 0; look < LOOKS; look += 1) times.push(await timed(() => read(url + route)));
    medians.push(medianOf(times));
  }
  await server.end();
  return medians;
}

async function read(url: string): Promise<void> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: ${await answer.text()}`);
  await answer.arrayBuffer();
}

async function timed(run: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await run();
  return performance.now() - began;
}
