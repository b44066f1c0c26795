import { changeEach } from '../framework/change-each.ts';
import { defineCommand } from '../framework/define-command.ts';
import { changeMany, CHOICE_ARGUMENTS, CHOICE_FLAGS, choiceOf, dryRunOf } from './change-many.ts';

export const jobsPromote = defineCommand({
  name: 'promote',
  group: 'Recover',
  summary: 'run delayed jobs now, without waiting for their time',
  arguments: CHOICE_ARGUMENTS,
  options: [],
  flags: CHOICE_FLAGS,
  examples: [
    { run: 'jq jobs promote j_0199b2f0c4d87e5f8a31', says: 'as soon as a worker is free' },
    { run: "jq jobs promote --queue mail --attempts '>0'", says: 'what waits to be tried again, after a question' },
  ],
  handlesSignals: true,
  async run(context, { args, flags }) {
    const choice = await choiceOf(args.ids, flags);
    if ('filter' in choice) {
      const many = { change: 'promote', done: 'promoted', noun: 'delayed job', filter: choice.filter } as const;
      return changeMany(context, many, flags);
    }
    if (flags.dryRun) return dryRunOf(context, { change: 'promote', noun: 'delayed job' }, choice.ids, flags.queue);
    const { promoteJob } = await import('../../src/jobs/change-jobs.ts');
    const project = await context.project();
    await changeEach(context, { verb: 'Promoted', noun: 'job' }, choice.ids, async (id) => {
      await promoteJob(project, id, flags.queue);
    });
  },
});
