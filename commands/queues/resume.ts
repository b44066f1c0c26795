import { changeEach } from '../framework/change-each.ts';
import { defineCommand } from '../framework/define-command.ts';
import { QUEUES } from './one-queue.ts';

export const queuesResume = defineCommand({
  name: 'resume',
  group: 'Recover',
  summary: 'let workers take jobs of these queues again',
  arguments: { queues: QUEUES },
  options: [],
  flags: {},
  examples: [{ run: 'jq queues resume mail', says: 'it goes on at once' }],
  async run(context, { args: { queues } }) {
    const { resumeQueue } = await import('../../src/jobs/pause-queue.ts');
    const project = await context.project();
    await changeEach(context, { verb: 'Resumed', noun: 'queue' }, queues, (queue) => resumeQueue(project, queue));
  },
});
