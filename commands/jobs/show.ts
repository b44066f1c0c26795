import { defineCommand } from '../framework/define-command.ts';
import { printJob } from './print-job.ts';
import { JOB_ID, QUEUE_FLAG } from './one-job.ts';

export const jobsShow = defineCommand({
  name: 'show',
  summary: 'show the life of a job: its attempts, payload, result or error',
  arguments: { id: JOB_ID },
  options: [],
  flags: QUEUE_FLAG,
  examples: [{ run: 'jq jobs show j_0199b2f0c4d87e5f8a31', says: 'what became of it' }],
  async run(context, { args: { id }, flags: { queue } }) {
    const { getJobDetail } = await import('../../src/jobs/find-jobs.ts');
    printJob(context, await getJobDetail(await context.project(), id, queue));
  },
});
