import { JOB_STATES, STATUS_STATES, type JobStatus } from '../../src/jobs/job.ts';
import { integer, oneOf } from '../../src/lib/value-kind.ts';
import { defineCommand } from '../framework/define-command.ts';
import { JOB_COLUMNS } from './columns.ts';
import { QUEUE_FLAG } from './one-job.ts';
import { printPage } from './print-page.ts';

const STATUSES = Object.keys(STATUS_STATES) as JobStatus[];

export const jobsList = defineCommand({
  name: 'list',
  summary: 'list jobs, newest first',
  arguments: {},
  options: [],
  flags: {
    status: { value: 'status', kind: oneOf(...STATUSES), description: STATUSES.join(', '), complete: STATUSES },
    state: { value: 'state', kind: oneOf(...JOB_STATES), description: JOB_STATES.join(', '), complete: JOB_STATES },
    type: { value: 'type', description: 'Jobs of this type only', complete: 'types' },
    ...QUEUE_FLAG,
    limit: { value: 'n', kind: integer({ min: 1, max: 10_000 }), description: 'At most so many (default 50)' },
    offset: { value: 'n', kind: integer({ min: 0 }), description: 'Leave out so many first' },
  },
  examples: [
    { run: 'jq jobs list --status processing', says: 'what runs right now' },
    { run: 'jq jobs list --type send-email --limit 500 --json', says: 'as data' },
  ],
  async run(context, { flags: { limit = 50, offset = 0, ...filter } }) {
    const { listJobs } = await import('../../src/jobs/find-jobs.ts');
    const page = await listJobs(await context.project(), { ...filter, limit, offset });
    printPage(context, page, JOB_COLUMNS, 'job');
  },
});
