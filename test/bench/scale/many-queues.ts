import { cpuMs } from '../helpers/cpu.ts';
import { rssMb } from '../helpers/memory.ts';
import type { Growth } from './growth.ts';
import { sleep } from './place.ts';

const SLOTS = 5;

/** One worker, more and more queues. */
export const manyQueues: Growth = {
  name: 'queues',
  title: 'Queues of one worker, five slots each',
  of: 'queues',
  full: [1, 5, 20, 50, 100, 200],
  short: [1, 5],
  figures: [
    { name: 'commands while idle', unit: '/s', panel: 'commands a second, idle' },
    { name: 'its processor', unit: '% of a core', panel: 'worker, idle, % of a core' },
    { name: 'its memory', unit: 'MB', panel: 'memory of the worker, idle, MB' },
    { name: 'run', unit: 'jobs/s', panel: 'jobs a second' },
  ],
  async measure(place, amount, least) {
    const queues = Array.from({ length: amount }, (_, index) => `queue-${index}`);
    const [jobs, settleMs, idleMs] = least ? [500, 200, 300] : [50_000, 8000, 20_000];
    const work = () =>
      place.start('work', '--queues', queues.join(), '--concurrency', `${SLOTS}`, '--log-level', 'error');

    // Queues without completed jobs: those are looked through now and then.
    const idler = work();
    await sleep(settleMs);
    const [calls, cpu, began] = [await place.commands(), cpuMs(idler.pid), performance.now()];
    await sleep(idleMs);
    const tookMs = performance.now() - began;
    const idle = [
      (((await place.commands()) - calls) * 1000) / tookMs,
      ((cpuMs(idler.pid) - cpu) * 100) / tookMs,
      rssMb(idler.pid),
    ];
    await idler.end();

    await place.add(jobs, (index) => ({ queue: queues[Math.floor(index / 100) % amount]! }));
    const worker = work();
    const { jobsPerSecond } = await place.pass(queues, jobs * 0.8, 0);
    await worker.end();
    return [...idle, jobsPerSecond];
  },
};
