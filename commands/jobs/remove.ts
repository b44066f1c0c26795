import { count } from '../../src/lib/text.ts';
import { assertCanConfirm, confirm, CONFIRM_FLAGS } from '../framework/confirm.ts';
import { changeEach } from '../framework/change-each.ts';
import { defineCommand } from '../framework/define-command.ts';
import { JOB_IDS, QUEUE_FLAG } from './one-job.ts';

export const jobsRemove = defineCommand({
  name: 'remove',
  group: 'Recover',
  summary: 'delete jobs that are not running',
  arguments: { ids: JOB_IDS },
  options: [],
  flags: { ...QUEUE_FLAG, ...CONFIRM_FLAGS },
  examples: [{ run: 'jq jobs remove j_0199b2f0c4d87e5f8a31 --yes', says: 'without being asked' }],
  async run(context, { args: { ids }, flags: { queue, yes } }) {
    assertCanConfirm(context, { yes });
    const { removeJob } = await import('../../src/jobs/change-jobs.ts');
    const project = await context.project();
    await confirm(context, `Delete ${count(new Set(ids).size, 'job')} from ${project.broker.target.label}?`, { yes });
    await changeEach(context, { verb: 'Removed', noun: 'job' }, ids, (id) => removeJob(project, id, queue));
  },
});
