import type { Job } from '../../src/jobs/job.ts';
import type { Column } from '../framework/print-rows.ts';

/** What is listed of a job, wherever jobs are listed. */
export const JOB_COLUMNS: readonly Column<Job>[] = [
  { title: 'ID', value: (job) => job.id },
  { title: 'TYPE', value: (job) => job.type, flexible: true },
  { title: 'QUEUE', value: (job) => job.queue, optional: true },
  { title: 'STATE', value: (job) => job.state },
  { title: 'TRIES', align: 'right', value: (job) => `${job.attempts}/${job.maxAttempts}` },
  { title: 'UPDATED', value: (job) => job.updatedAt },
  { title: 'ERROR', value: (job) => job.error, show: (job) => job.error ?? '', flexible: true },
];

/** The same for dead letters, where the state says nothing. */
export const DEAD_LETTER_COLUMNS: readonly Column<Job>[] = [
  ...JOB_COLUMNS.filter(({ title }) => !['STATE', 'UPDATED', 'ERROR'].includes(title)),
  { title: 'DIED', value: (job) => job.finishedAt },
  ...JOB_COLUMNS.filter(({ title }) => title === 'ERROR'),
];
