import { changeEach } from '../framework/change-each.ts';
import { defineCommand } from '../framework/define-command.ts';
import { JOB_IDS, QUEUE_FLAG } from './one-job.ts';

export const jobsDuplicate = defineCommand({
  name: 'duplicate',
  group: 'Recover',
  summary: 'add jobs like these, whatever became of them',
  description:
    'Type, payload, queue, priority, attempts, back-off and timeout are the same; each waits for its turn at once. Prints the new ids.',
  arguments: { ids: JOB_IDS },
  options: [],
  flags: QUEUE_FLAG,
  examples: [{ run: 'jq jobs duplicate j_0199b2f0c4d87e5f8a31', says: 'once more, also of a completed one' }],
  async run(context, { args: { ids }, flags: { queue } }) {
    const { duplicateJob } = await import('../../src/jobs/copy-job.ts');
    const project = await context.project();
    await changeEach(context, { verb: 'Added', noun: 'job' }, ids, (id) => duplicateJob(project, id, queue));
  },
});
