import { changeEach } from '../framework/change-each.ts';
import { defineCommand } from '../framework/define-command.ts';
import { QUEUES } from './one-queue.ts';

export const queuesPause = defineCommand({
  name: 'pause',
  group: 'Recover',
  summary: 'let no worker take a job of these queues',
  description:
    'What runs goes on, and jobs can be added. Who did it, and when, is kept and shown until the queue is resumed.',
  arguments: { queues: QUEUES },
  options: [],
  flags: {},
  examples: [{ run: 'jq queues pause mail', says: 'while the mail server is being mended' }],
  async run(context, { args: { queues } }) {
    const { pauseQueue } = await import('../../src/jobs/pause-queue.ts');
    const project = await context.project();
    await changeEach(context, { verb: 'Paused', noun: 'queue' }, queues, (queue) => pauseQueue(project, queue));
  },
});
