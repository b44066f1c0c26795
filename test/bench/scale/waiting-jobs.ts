import { medianOf } from '../helpers/statistics.ts';
import type { Growth } from './growth.ts';
import { type Place, sleep } from './place.ts';

const LOOKS = 9;

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
    { name: 'counts of all states', unit: 'ms', panel: 'answer of jq serve, ms' },
    { name: 'a page of 100 jobs', unit: 'ms', panel: 'answer of jq serve, ms' },
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

/** Until the counts, and a page of jobs, are there. */
async function readingMs(place: Place): Promise<number[]> {
  const server = place.start('serve', '--port', '0', '--log-level', 'error');
  let url: string | undefined;
  while (!(url = /http:\/\/[\d.:]+/.exec(server.output())?.[0])) await sleep(20);
  const medians: number[] = [];
  for (const route of ['/api/jobs/stats', '/api/jobs?status=pending&limit=100']) {
    const times: number[] = [];
    for (let look = 0; look < LOOKS; look += 1) {
      const began = performance.now();
      const answer = await fetch(url + route);
      if (!answer.ok) throw new Error(`${route}: ${await answer.text()}`);
      await answer.arrayBuffer();
      times.push(performance.now() - began);
    }
    medians.push(medianOf(times));
  }
  await server.end();
  return medians;
}
