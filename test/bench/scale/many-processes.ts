import { rssMb } from '../helpers/memory.ts';
import type { Growth } from './growth.ts';

const SLOTS = 10;

/** One queue, more and more processes at it. */
export const manyProcesses: Growth = {
  name: 'processes',
  title: 'Worker processes at one queue, ten slots each',
  of: 'processes',
  full: [1, 2, 5, 10, 20, 50],
  short: [1, 2],
  figures: [
    { name: 'run', unit: 'jobs/s', panel: 'jobs a second' },
    { name: 'processor of Redis', unit: '% of a core', panel: 'Redis, % of a core' },
    { name: 'commands', unit: '/s', panel: 'commands a second' },
    { name: 'commands', unit: 'a job', panel: 'commands a job' },
    { name: 'memory of all processes', unit: 'MB', panel: 'memory of all processes, MB' },
  ],
  async measure(place, amount, least) {
    const jobs = least ? 1000 : 150_000;
    await place.add(jobs, () => ({}));
    const shape = ['--processes', `${amount}`, '--concurrency', `${SLOTS * amount}`];
    const worker = place.start('work', '--queues', 'default', ...shape, '--log-level', 'error');
    // The more processes there are, the longer it takes until all of them are at work.
    const { jobsPerSecond, redisShare, commandsPerSecond } = await place.pass(['default'], jobs * 0.5, 0);
    const memory = rssMb(worker.pid);
    await worker.end();
    return [jobsPerSecond, redisShare * 100, commandsPerSecond, commandsPerSecond / jobsPerSecond, memory];
  },
};
