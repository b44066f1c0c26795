import { count } from '../../src/lib/text.ts';
import { assertCanConfirm, confirm } from '../framework/confirm.ts';
import { changeEach } from '../framework/change-each.ts';
import { defineCommand } from '../framework/define-command.ts';
import { changeMany, CHOICE_ARGUMENTS, CHOICE_FLAGS, choiceOf, dryRunOf } from './change-many.ts';
import { STATE_FLAGS } from './filter-flags.ts';

export const jobsRemove = defineCommand({
  name: 'remove',
  group: 'Recover',
  summary: 'delete jobs that are not running',
  arguments: CHOICE_ARGUMENTS,
  options: [],
  flags: { ...STATE_FLAGS, ...CHOICE_FLAGS },
  examples: [
    { run: 'jq jobs remove j_0199b2f0c4d87e5f8a31 --yes', says: 'without being asked' },
    { run: "jq jobs remove --status pending --where 'payload.userId:7' --dry-run", says: 'which ones that would be' },
  ],
  handlesSignals: true,
  async run(context, { args, flags }) {
    const choice = await choiceOf(args.ids, flags);
    if ('filter' in choice) {
      return changeMany(context, { change: 'remove', done: 'removed', noun: 'job', filter: choice.filter }, flags);
    }
    if (flags.dryRun) return dryRunOf(context, { change: 'remove', noun: 'job' }, choice.ids, flags.queue);
    assertCanConfirm(context, flags);
    const { removeJob } = await import('../../src/jobs/change-jobs.ts');
    const project = await context.project();
    const { label } = project.broker.target;
    await confirm(context, `Delete ${count(new Set(choice.ids).size, 'job')} from ${label}?`, flags);
    await changeEach(context, { verb: 'Removed', noun: 'job' }, choice.ids, (id) =>
      removeJob(project, id, flags.queue),
    );
  },
});
