import type { WorkerSummary } from '../../src/jobs/snapshot-types.ts';
import { renderApproximateDuration } from '../../src/lib/duration.ts';
import { renderSize } from '../../src/lib/size.ts';
import { defineCommand } from '../framework/define-command.ts';
import { type Column, printRows } from '../framework/print-rows.ts';
import { perSecond } from '../queues/columns.ts';

const COLUMNS: readonly Column<WorkerSummary>[] = [
  { title: 'WORKER', value: (worker) => worker.id, flexible: true },
  { title: 'STATE', value: (worker) => worker.state },
  { title: 'QUEUES', value: (worker) => worker.queues.join(','), flexible: true },
  { title: 'BUSY', align: 'right', value: (worker) => worker.busy },
  { title: 'SLOTS', align: 'right', value: (worker) => worker.slots },
  {
    title: 'MEMORY',
    align: 'right',
    value: (worker) => worker.rssBytes,
    show: (worker) => renderSize(worker.rssBytes),
  },
  {
    title: 'LOOP',
    align: 'right',
    value: (worker) => worker.loopDelayMs,
    show: (worker) => renderApproximateDuration(worker.loopDelayMs),
  },
  { title: 'STARTED', value: (worker) => worker.startedAt },
  { title: 'BEAT', value: (worker) => worker.beatAt },
  // Behind the others: off a terminal people count the columns.
  {
    title: 'OK/S',
    align: 'right',
    value: (worker) => worker.completedPerSecond,
    show: (worker) => perSecond(worker.completedPerSecond),
  },
  {
    title: 'FAIL/S',
    align: 'right',
    value: (worker) => worker.failedPerSecond,
    show: (worker) => perSecond(worker.failedPerSecond),
  },
];

export const workersList = defineCommand({
  name: 'list',
  summary: 'list the workers, how busy they are and how fast',
  arguments: {},
  options: [],
  flags: {},
  examples: [{ run: 'jq workers list', says: 'who works on which queues' }],
  async run(context) {
    const { listWorkers } = await import('../../src/jobs/snapshot.ts');
    const rows = await listWorkers(await context.project());
    printRows(context, {
      columns: COLUMNS,
      rows,
      json: rows,
      id: (worker) => worker.id,
      empty: 'No worker is running: start one with jq work',
    });
  },
});
