import { changeEach } from '../framework/change-each.ts';
import { defineCommand } from '../framework/define-command.ts';
import { JOB_IDS, QUEUE_FLAG } from './one-job.ts';

export const jobsCancel = defineCommand({
  name: 'cancel',
  group: 'Recover',
  summary: 'end jobs that wait or run',
  description:
    'One that waits is dead at once. One that runs, on whatever machine, has its signal aborted and is dead when its handler has ended. jq jobs retry brings it back.',
  arguments: { ids: JOB_IDS },
  options: [],
  flags: QUEUE_FLAG,
  examples: [{ run: 'jq jobs cancel j_0199b2f0c4d87e5f8a31', says: 'wherever it runs' }],
  async run(context, { args: { ids }, flags: { queue } }) {
    const { cancelJob } = await import('../../src/jobs/cancel-job.ts');
    const project = await context.project();
    await changeEach(context, { verb: 'Cancelled', noun: 'job' }, ids, async (id) => {
      await cancelJob(project, id, queue);
    });
  },
});
