import type { Snapshot } from '../src/jobs/snapshot-types.ts';
import { renderSize } from '../src/lib/size.ts';
import { count, grouped } from '../src/lib/text.ts';
import { defineCommand } from './framework/define-command.ts';
import { printRows } from './framework/print-rows.ts';
import { QUEUE_COLUMNS } from './queues/columns.ts';

export const stats = defineCommand({
  name: 'stats',
  group: 'Inspect',
  summary: 'counts, rates and run times, once',
  arguments: {},
  options: [],
  flags: {},
  examples: [
    { run: 'jq stats', says: 'the state of every queue' },
    { run: 'jq stats --json', says: 'as data, with workers and the newest dead letters' },
  ],
  async run(context) {
    const { takeSnapshot } = await import('../src/jobs/snapshot.ts');
    const snapshot = await takeSnapshot(await context.project());
    if (context.forPerson) context.print(`${renderTotals(snapshot)}\n`);
    printRows(context, {
      columns: QUEUE_COLUMNS,
      rows: snapshot.queues,
      json: snapshot,
      id: (queue) => queue.name,
      empty: 'No queue has had a job yet',
    });
  },
});

function renderTotals({ totals, workers, redis }: Snapshot): string {
  return [
    `${grouped(totals.waiting)} waiting`,
    `${grouped(totals.active)} active`,
    `${grouped(totals.delayed)} delayed`,
    `${grouped(totals.completed)} completed`,
    `${grouped(totals.failed)} dead`,
    ...(totals.today ? [`today ${grouped(totals.today.completed)} ok ${grouped(totals.today.failed)} failed`] : []),
    count(workers.length, 'worker'),
    `Redis ${redis.version} ${renderSize(redis.usedMemoryBytes)}`,
  ].join('  ');
}
