import { JobQueueError } from '../../src/errors.ts';
import { integer } from '../../src/lib/value-kind.ts';
import { changeEach } from '../framework/change-each.ts';
import { defineCommand } from '../framework/define-command.ts';
import { QUEUE_FLAG } from '../jobs/one-job.ts';
import { WORKER_IDS } from './worker-ids.ts';

// The table of the locks that are kept has room for so many more.
const SLOTS = integer({ min: 1, max: 1000 });

export const workersSetSlots = defineCommand({
  name: 'set-slots',
  group: 'Recover',
  summary: 'change how many jobs workers run at a time',
  description: 'It holds until the process ends. Jobs that run now go on, also when there are more of them.',
  arguments: {
    slots: { label: 'N', description: 'Jobs of each queue at a time', required: true },
    workers: WORKER_IDS,
  },
  options: [],
  flags: { queue: { ...QUEUE_FLAG.queue, description: 'Of this queue only' } },
  examples: [
    { run: 'jq workers set-slots 20 web-1/2210', says: '20 at a time of each of its queues' },
    { run: 'jq workers set-slots 2 web-1/2210 --queue mail', says: 'go easy on the mail server' },
  ],
  async run(context, { args: { slots, workers }, flags: { queue } }) {
    const { controlWorker } = await import('../../src/jobs/control-workers.ts');
    const concurrency = SLOTS.parse(slots);
    if (concurrency === undefined) throw new JobQueueError('USAGE', `Expected N to be ${SLOTS.expected}, got ${slots}`);
    const project = await context.project();
    await changeEach(context, { verb: 'Changed', noun: 'worker' }, workers, (worker) =>
      controlWorker(project, worker, { kind: 'set-slots', slots: concurrency, queue }),
    );
  },
});
