import { changeEach } from '../framework/change-each.ts';
import { defineCommand } from '../framework/define-command.ts';
import { changeMany, CHOICE_ARGUMENTS, CHOICE_FLAGS, choiceOf, dryRunOf } from './change-many.ts';
import { STATE_FLAGS } from './filter-flags.ts';

export const jobsCancel = defineCommand({
  name: 'cancel',
  group: 'Recover',
  summary: 'end jobs that wait or run',
  description:
    'One that waits is dead at once. One that runs, on whatever machine, has its signal aborted and is dead when its handler has ended. Those with these ids at once; those that a filter chooses after a question. jq jobs retry brings them back.',
  arguments: CHOICE_ARGUMENTS,
  options: [],
  flags: { ...STATE_FLAGS, ...CHOICE_FLAGS },
  examples: [
    { run: 'jq jobs cancel j_0199b2f0c4d87e5f8a31', says: 'wherever it runs' },
    { run: "jq jobs cancel --type send-email --where 'payload.userId:7' --dry-run", says: 'which ones that would be' },
  ],
  handlesSignals: true,
  async run(context, { args, flags }) {
    const choice = await choiceOf(args.ids, flags);
    if ('filter' in choice) {
      return changeMany(context, { change: 'cancel', done: 'cancelled', noun: 'job', filter: choice.filter }, flags);
    }
    if (flags.dryRun) return dryRunOf(context, { change: 'cancel', noun: 'job' }, choice.ids, flags.queue);
    const { cancelJob } = await import('../../src/jobs/cancel-job.ts');
    const project = await context.project();
    await changeEach(context, { verb: 'Cancelled', noun: 'job' }, choice.ids, async (id) => {
      await cancelJob(project, id, flags.queue);
    });
  },
});
