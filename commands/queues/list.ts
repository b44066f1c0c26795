import { defineCommand } from '../framework/define-command.ts';
import { printRows } from '../framework/print-rows.ts';
import { QUEUE_COLUMNS } from './columns.ts';

export const queuesList = defineCommand({
  name: 'list',
  summary: 'list the queues with what waits, runs and is dead in each',
  arguments: {},
  options: [],
  flags: {},
  examples: [
    { run: 'jq queues list', says: 'all queues of this Redis, also those of other BullMQ programs' },
    { run: 'jq queues list --output id', says: 'the names alone' },
  ],
  async run(context) {
    const { listQueues } = await import('../../src/jobs/snapshot.ts');
    const rows = await listQueues(await context.project());
    printRows(context, {
      columns: QUEUE_COLUMNS,
      rows,
      json: rows,
      id: (queue) => queue.name,
      empty: 'No queue has had a job yet',
    });
  },
});
