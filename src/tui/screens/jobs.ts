import type { HeldJob } from '../../jobs/holds.ts';
import type { Job, JobState } from '../../jobs/job.ts';
import { renderLimits } from '../../jobs/render-limits.ts';
import { amount, span } from '../cells.ts';
import type { PlaceOf, StateTab } from '../places.ts';
import { firstSort, jobColumns, shortStateWord, stateWord } from './job-columns.ts';
import { jobPanel } from './job-panel.ts';
import { defineScreen, type Tab } from './screen.ts';

/** The way of a job, then all of them. */
const ORDER: readonly StateTab[] = [
  'waiting',
  'prioritized',
  'active',
  'delayed',
  'waiting-children',
  'completed',
  'failed',
  'all',
];
/** Shown though there are none. */
const ALWAYS: readonly StateTab[] = ['waiting', 'active', 'delayed', 'completed', 'failed', 'all'];

export const jobsScreen = defineScreen<Job, 'jobs'>({
  id: 'jobs',
  title: 'Jobs',
  firstSort: ({ state }) => firstSort(state),
  columns: ({ state, queue }) => jobColumns(state, queue === undefined),
  badge: () => 0,
  summary({ snapshot, page }, place) {
    const { queue } = place;
    if (queue === undefined) return [{ text: 'Jobs of all queues', tone: 'strong' }];
    const own = snapshot.queues.find(({ name }) => name === queue);
    return [
      { text: queue, tone: 'strong' },
      ...(own?.paused
        ? [{ text: `P paused${own.pausedBy === null ? '' : ` by ${own.pausedBy}`}`, tone: 'warning' } as const]
        : []),
      ...(own && renderLimits(own) !== '' ? [renderLimits(own)] : []),
      ...(page?.limitedMs
        ? [{ text: `rate reached, goes on in ${span(page.limitedMs)}`, tone: 'warning' } as const]
        : []),
      ...(own ? [`wait ${amount(own.waiting)}`, `active ${amount(own.active)}`, `done ${amount(own.completed)}`] : []),
    ];
  },
  tabs: ({ page }, place) => stateTabs(page?.counts, place),
  identity: ({ queue, id }) => `${queue} ${id}`,
  // Nobody holds it: its worker is gone, or stands still.
  flag: ({ heldMs }: Partial<HeldJob>) => (heldMs === 0 ? { text: '!', tone: 'alarm' } : ''),
  detail: ({ id, error, attempts, worker }: Job & Partial<HeldJob>) => [
    { text: id, tone: 'strong' },
    ...(worker ? [`by ${worker}`] : []),
    ...(error === null ? [] : attempts > 0 ? [error] : []),
  ],
  panel: jobPanel,
  empty: ({ state, queue }) =>
    `No ${state === 'all' ? '' : `${stateWord(state)} `}jobs${queue === undefined ? '' : ` in ${queue}`}. Tab shows the next state.`,
  opens: ({ queue, id }) => ({ screen: 'job', queue, id, tab: 'overview' }),
  target: ({ queue, id, state }) => ({ kind: 'job', queue, id, state }),
});

/** How many jobs a tab is about. */
export const countIn = (counts: Readonly<Record<JobState, number>>, state: StateTab): number =>
  state === 'all' ? Object.values(counts).reduce((sum, each) => sum + each, 0) : counts[state];

function stateTabs(counts: Readonly<Record<JobState, number>> | undefined, place: PlaceOf<'jobs'>): Tab[] {
  const countOf = (state: StateTab): number => (counts ? countIn(counts, state) : 0);
  const shown = ORDER.filter((state) => ALWAYS.includes(state) || state === place.state || countOf(state) > 0);
  return shown.map((state) => {
    const number = counts ? [amount(countOf(state), 5)] : [];
    return {
      title: [stateWord(state), ...number].join(' '),
      short: [shortStateWord(state), ...number].join(' '),
      current: state === place.state,
      place: { ...place, state },
    };
  });
}
