import { defineCommand } from '../framework/define-command.ts';
import { changeMany, CHOICE_FLAGS } from '../jobs/change-many.ts';
import { QUEUE } from './one-queue.ts';

const { limit, dryRun, yes } = CHOICE_FLAGS;

export const queuesDrain = defineCommand({
  name: 'drain',
  group: 'Recover',
  summary: 'delete the jobs of a queue that wait',
  description: 'What runs, has ended or is delayed stays.',
  arguments: { queue: QUEUE },
  options: [],
  flags: {
    delayed: { description: 'Those that are delayed too, and so those that are to be tried again' },
    limit,
    dryRun,
    yes,
  },
  examples: [
    { run: 'jq queues drain mail --dry-run', says: 'how many that would be' },
    { run: 'jq queues drain mail --delayed --yes', says: 'all that is to come, without a question' },
  ],
  handlesSignals: true,
  async run(context, { args: { queue }, flags }) {
    const { filterOf } = await import('../../src/jobs/filter/from-flags.ts');
    const state = flags.delayed ? 'waiting,prioritized,delayed' : 'waiting,prioritized';
    const filter = filterOf({ queue: `"${queue}"`, state });
    await changeMany(context, { change: 'remove', done: 'removed', noun: 'job', filter }, flags);
  },
});
