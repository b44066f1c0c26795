import { changeEach } from '../framework/change-each.ts';
import { defineCommand } from '../framework/define-command.ts';
import { WORKER_IDS } from './worker-ids.ts';

export const workersQuiet = defineCommand({
  name: 'quiet',
  group: 'Recover',
  summary: 'let workers take no more jobs',
  description: 'What runs goes on; the process stays until it is stopped.',
  arguments: { workers: WORKER_IDS },
  options: [],
  flags: {},
  examples: [{ run: 'jq workers quiet web-1/2210', says: 'before a deploy, some time ahead' }],
  async run(context, { args: { workers } }) {
    const { controlWorker } = await import('../../src/jobs/control-workers.ts');
    const project = await context.project();
    await changeEach(context, { verb: 'Quieted', noun: 'worker' }, workers, (worker) =>
      controlWorker(project, worker, { kind: 'quiet' }),
    );
  },
});
