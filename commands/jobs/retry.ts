import { changeEach } from '../framework/change-each.ts';
import { defineCommand } from '../framework/define-command.ts';
import { JOB_IDS, QUEUE_FLAG } from './one-job.ts';

export const jobsRetry = defineCommand({
  name: 'retry',
  group: 'Recover',
  summary: 'run dead jobs again, with all their attempts',
  description: 'For many at once, see jq dlq replay.',
  arguments: { ids: JOB_IDS },
  options: [],
  flags: QUEUE_FLAG,
  examples: [{ run: 'jq jobs retry j_0199b2f0c4d87e5f8a31', says: 'one more chance' }],
  async run(context, { args: { ids }, flags: { queue } }) {
    const { retryJob } = await import('../../src/jobs/change-jobs.ts');
    const project = await context.project();
    await changeEach(
      context,
      { verb: 'Retried', noun: 'job' },
      ids,
      async (id) => void (await retryJob(project, id, queue)),
    );
  },
});
