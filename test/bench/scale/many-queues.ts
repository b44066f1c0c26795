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
    { name: 'processor of the worker while idle', unit: '% of a core', panel: 'worker, idle, % of a core' },
    { name: 'memory of the worker', unit: 'MB', panel: 'memory of the worker, MB' },
    { name: 'run', unit: 'jobs/s', panel: 'jobs a second' },
  ],
  async measure(place, amount, least) {
    const queues = Array.from({ length: amount }, (_, index) => `queue-${index}`);
    const [jobs, settleMs, idleMs] = least ? [500, 200, 300] : [50_000, 8000, 20_000];
    await place.add(jobs, (index) => ({ queue: queues[Math.floor(index / 100) % amount]! }));
    const worker = place.start('work', '--queues', queues.join(), '--concurrency', `${SLOTS}`, '--log-level', 'error');
    const { jobsPerSecond } = await place.pass(queues, jobs * 0.8, 0);
    await sleep(settleMs);
    const [calls, cpu, began] = [await place.commands(), cpuMs(worker.pid), performance.now()];
    await sleep(idleMs);
    const tookMs = performance.now() - began;
    const idle = [
      (((await place.commands()) - calls) * 1000) / tookMs,
      ((cpuMs(worker.pid) - cpu) * 100) / tookMs,
      rssMb(worker.pid),
    ];
    await worker.end();
    return [...idle, jobsPerSecond];
  },
};
