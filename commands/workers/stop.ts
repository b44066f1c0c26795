import { changeEach } from '../framework/change-each.ts';
import { defineCommand } from '../framework/define-command.ts';
import { WORKER_IDS } from './worker-ids.ts';

export const workersStop = defineCommand({
  name: 'stop',
  group: 'Recover',
  summary: 'end workers in order',
  description:
    'They take no more jobs, give those that run the time of --grace, and put back the rest. A process that was stopped so is not started again.',
  arguments: { workers: WORKER_IDS },
  options: [],
  flags: {},
  examples: [{ run: 'jq workers stop web-1/2210', says: 'from afar, as Ctrl-C does' }],
  async run(context, { args: { workers } }) {
    const { controlWorker } = await import('../../src/jobs/control-workers.ts');
    const project = await context.project();
    await changeEach(context, { verb: 'Stopping', noun: 'worker' }, workers, (worker) =>
      controlWorker(project, worker, { kind: 'stop' }),
    );
  },
});
