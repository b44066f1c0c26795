import type { Job } from '../../jobs/job.ts';
import { amount } from '../cells.ts';
import { firstSort, jobColumns } from './job-columns.ts';
import { jobPanel } from './job-panel.ts';
import { defineScreen } from './screen.ts';

/** The dead letters of one group. */
export const lettersScreen = defineScreen<Job, 'letters'>({
  id: 'letters',
  title: 'Dead letters',
  firstSort: () => firstSort('failed'),
  columns: ({ queue }) => jobColumns('failed', queue === undefined),
  badge: () => 0,
  summary: ({ page }, { group, type, error }) => [
    { text: `Dead letters › ${group}`, tone: 'strong' },
    ...(page?.total == null ? [] : [`${amount(page.total)} dead`]),
    type,
    error,
  ],
  identity: ({ queue, id }) => `${queue} ${id}`,
  flag: () => '',
  detail: ({ id, error }) => [{ text: id, tone: 'strong' }, ...(error === null ? [] : [error])],
  panel: jobPanel,
  empty: () => 'No dead letters of this group are left.',
  opens: ({ queue, id }) => ({ screen: 'job', queue, id, tab: 'overview' }),
  target: ({ queue, id, state }) => ({ kind: 'job', queue, id, state }),
});
