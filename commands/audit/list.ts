import type { AuditEntry } from '../../src/jobs/audit.ts';
import { integer } from '../../src/lib/value-kind.ts';
import { defineCommand } from '../framework/define-command.ts';
import { type Column, printRows } from '../framework/print-rows.ts';

const COLUMNS: readonly Column<AuditEntry>[] = [
  { title: 'WHEN', value: (entry) => new Date(entry.at) },
  { title: 'WHO', value: (entry) => entry.who, flexible: true },
  { title: 'WHAT', value: (entry) => entry.what },
  { title: 'COUNT', align: 'right', value: (entry) => entry.count },
  { title: 'WHICH', value: (entry) => entry.name ?? entry.id, flexible: true },
  { title: 'QUEUE', value: (entry) => entry.queue, flexible: true },
  { title: 'FROM', value: (entry) => entry.address },
];

export const auditList = defineCommand({
  name: 'list',
  summary: 'list who changed what by command or over HTTP, newest first',
  description: 'The last 10,000 changes of jobs, queues and keys are kept. Adding a job is none: the job itself tells.',
  arguments: {},
  options: [],
  flags: {
    limit: { value: 'n', kind: integer({ min: 1, max: 10_000 }), description: 'At most so many (default: 100)' },
  },
  examples: [{ run: 'jq audit list --limit 20', says: 'the last twenty changes' }],
  async run(context, { flags: { limit = 100 } }) {
    const { listAudit } = await import('../../src/jobs/audit.ts');
    const rows = await listAudit(await context.project(), limit);
    printRows(context, {
      columns: COLUMNS,
      rows,
      json: rows,
      id: (entry) => entry.id ?? '',
      empty: 'Nothing has been changed yet',
    });
  },
});
