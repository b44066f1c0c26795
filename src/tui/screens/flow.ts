import type { JobDetail } from '../../jobs/job.ts';
import { amount, type Cell } from '../cells.ts';
import { jobSummary, jobTabs } from './job.ts';
import { defineScreen } from './screen.ts';

/** A job that this one belongs with: the one that waits for it, or one that it waits for. */
export interface Relative {
  is: 'parent' | 'child';
  queue: string;
  id: string;
  /** Of a child. */
  became?: 'pending' | 'completed' | 'failed';
}

const TONES = { pending: undefined, completed: 'good', failed: 'alarm' } as const;

/** The parent first, then the children. */
export const relativesOf = ({ parent, children }: JobDetail): Relative[] => [
  ...(parent === null ? [] : [{ is: 'parent', ...parent } as const]),
  ...children.map((child) => ({ is: 'child', ...child }) as const),
];

/** A job's place in its flow: from one to the next by Enter, back by Escape. */
export const flowScreen = defineScreen<Relative, 'flow'>({
  id: 'flow',
  title: 'Flow',
  firstSort: () => ({ column: 'WHAT', descending: true }),
  columns: () => [
    { title: 'WHAT', align: 'left', width: [7, 7], cell: ({ is }) => is, value: ({ is }) => is },
    { title: 'STATE', align: 'left', width: [10, 10], cell: stateOf, value: ({ became = '' }) => became },
    {
      title: 'QUEUE',
      align: 'left',
      width: [10, 24],
      grows: 1,
      cell: ({ queue }) => queue,
      value: ({ queue }) => queue,
    },
    { title: 'JOB', align: 'left', width: [9, 40], grows: 2, cell: ({ id }) => id, value: ({ id }) => id },
  ],
  badge: () => 0,
  summary: ({ page }, place) => [
    ...jobSummary(page?.job, place),
    ...(page?.job && page.job.childCount > 0 ? [`waits for ${amount(page.job.childCount)}`] : []),
  ],
  tabs: ({ page }, place) => jobTabs(page?.job, place),
  identity: ({ queue, id }) => `${queue} ${id}`,
  searched: ({ queue, id, became = '' }) => `${queue} ${id} ${became}`,
  flag: ({ became }) => (became === 'failed' ? { text: '!', tone: 'alarm' } : ''),
  empty: () => 'No job waits for this one, and it waits for none.',
  opens: ({ queue, id }) => ({ screen: 'job', queue, id, tab: 'overview' }),
});

function stateOf({ became }: Relative): Cell {
  const tone = became && TONES[became];
  return tone ? { text: became, tone } : (became ?? '');
}
