import { JobQueueError } from '../../src/errors.ts';
import { defineCommand } from '../framework/define-command.ts';
import { JOB_ID, QUEUE_FLAG } from '../jobs/one-job.ts';
import { printJob } from '../jobs/print-job.ts';

export const dlqShow = defineCommand({
  name: 'show',
  summary: 'show a dead letter: every attempt, its payload, where it failed',
  arguments: { id: JOB_ID },
  options: [],
  flags: QUEUE_FLAG,
  examples: [{ run: 'jq dlq show j_0199b2f0c4d87e5f8a31', says: 'why it died' }],
  async run(context, { args: { id }, flags: { queue } }) {
    const { getJobDetail } = await import('../../src/jobs/find-jobs.ts');
    const job = await getJobDetail(await context.project(), id, queue);
    if (job.state !== 'failed') {
      throw new JobQueueError('JOB_STATE', `Job ${id} is not dead but ${job.state}`, {
        hint: `See: jq jobs show ${id}`,
      });
    }
    printJob(context, job);
  },
});
