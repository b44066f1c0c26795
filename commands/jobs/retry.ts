import { changeEach } from '../framework/change-each.ts';
import { defineCommand } from '../framework/define-command.ts';
import { changeMany, CHOICE_ARGUMENTS, CHOICE_FLAGS, choiceOf, dryRunOf } from './change-many.ts';

export const jobsRetry = defineCommand({
  name: 'retry',
  group: 'Recover',
  summary: 'run dead jobs again, with all their attempts',
  description:
    'Those with these ids at once; those that a filter chooses after a question. jq dlq replay can also do it slowly.',
  arguments: CHOICE_ARGUMENTS,
  options: [],
  flags: CHOICE_FLAGS,
  examples: [
    { run: 'jq jobs retry j_0199b2f0c4d87e5f8a31', says: 'one more chance' },
    { run: "jq jobs retry --type send-email --where 'payload.region:eu' --dry-run", says: 'which ones that would be' },
  ],
  handlesSignals: true,
  async run(context, { args, flags }) {
    const choice = await choiceOf(args.ids, flags);
    if ('filter' in choice) {
      return changeMany(context, { change: 'retry', done: 'retried', noun: 'dead job', filter: choice.filter }, flags);
    }
    if (flags.dryRun) return dryRunOf(context, { change: 'retry', noun: 'dead job' }, choice.ids, flags.queue);
    const { retryJob } = await import('../../src/jobs/change-jobs.ts');
    const project = await context.project();
    await changeEach(context, { verb: 'Retried', noun: 'job' }, choice.ids, async (id) => {
      await retryJob(project, id, flags.queue);
    });
  },
});
