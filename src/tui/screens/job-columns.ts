import type { HeldJob } from '../../jobs/holds.ts';
import type { Job, JobState } from '../../jobs/job.ts';
import { span, age, amount, type Cell, flagged, known, NOTHING } from '../cells.ts';
import type { Tone } from '../paint.ts';
import type { StateTab } from '../places.ts';
import type { Sort } from '../state.ts';
import { type Column, tail } from '../table.ts';

/** How jobs of a state stand in Redis: by which column, whether its smallest value comes with the newest or the oldest job, and which way at first. */
const ORDERS: Record<StateTab, { column: string; ascending: 'newest' | 'oldest'; descending: boolean }> = {
  waiting: { column: 'AGE', ascending: 'newest', descending: true },
  prioritized: { column: 'PRIO', ascending: 'oldest', descending: false },
  delayed: { column: 'DUE', ascending: 'oldest', descending: false },
  active: { column: 'RUNS', ascending: 'newest', descending: true },
  'waiting-children': { column: 'AGE', ascending: 'newest', descending: true },
  completed: { column: 'ENDED', ascending: 'newest', descending: false },
  failed: { column: 'DIED', ascending: 'newest', descending: false },
  all: { column: 'LAST', ascending: 'newest', descending: false },
};

/** How jobs of a state are sorted at first: as Redis has them, which costs nothing however many there are. */
export const firstSort = (state: StateTab): Sort => ({
  column: ORDERS[state].column,
  descending: ORDERS[state].descending,
});

/** Which end of Redis' own order comes first; undefined when rows are to be in another order. */
export function naturalOrder(state: StateTab, sort: Sort = firstSort(state)): 'newest' | 'oldest' | undefined {
  const { column, ascending } = ORDERS[state];
  if (sort.column !== column) return undefined;
  const order = sort.descending === (ascending === 'newest') ? 'oldest' : 'newest';
  // What is latest of all states stands at the ends of their sets; what is oldest, nowhere.
  return state === 'all' && order === 'oldest' ? undefined : order;
}

/** What people call the states; the others go by BullMQ's word. */
const WORDS: Partial<Record<StateTab, string>> = { failed: 'dead', 'waiting-children': 'parents' };
export const stateWord = (state: StateTab): string => WORDS[state] ?? state;

const SHORT: Partial<Record<StateTab, string>> = {
  waiting: 'wait',
  prioritized: 'prio',
  delayed: 'delay',
  completed: 'done',
};
export const shortStateWord = (state: StateTab): string => SHORT[state] ?? stateWord(state);

export const STATE_TONES: Partial<Record<JobState, Tone>> = { completed: 'good', failed: 'alarm', active: 'accent' };

/** A job that runs longer is marked. */
const LONG_RUN_MS = 60_000;

const sinceColumn = (title: string, read: (job: Job) => Date | null): Column<Job> => ({
  title,
  align: 'right',
  width: [6, 7],
  cell: (job, { at }) => {
    const time = read(job);
    return time === null ? NOTHING : age(at - time.getTime());
  },
  value: (job) => -(read(job)?.getTime() ?? 0),
});

const startsColumn = (title: string, read: (job: Partial<HeldJob>) => number | undefined): Column<Job> => ({
  title,
  align: 'right',
  width: [7, 7],
  wide: true,
  cell: (job, { width }) => known(read(job) ?? null, (times) => amount(times, width)),
  value: (job) => read(job) ?? -1,
});

const errorColumn: Column<Job> = {
  title: 'ERROR',
  align: 'left',
  width: [10, 36],
  grows: 1,
  cell: ({ error }) => error ?? '',
  value: ({ error }) => error ?? '',
};

/** Few of those that wait have failed before: their ids come first. */
const lastErrorColumn: Column<Job> = { ...errorColumn, grows: 5, leaves: 1 };

const OWN: Record<StateTab, readonly Column<Job>[]> = {
  waiting: [sinceColumn('AGE', ({ createdAt }) => createdAt), lastErrorColumn],
  prioritized: [
    {
      title: 'PRIO',
      align: 'right',
      width: [5, 9],
      cell: ({ priority }, { width }) => amount(priority, width),
      value: ({ priority }) => priority,
    },
    sinceColumn('AGE', ({ createdAt }) => createdAt),
    lastErrorColumn,
  ],
  delayed: [
    {
      title: 'DUE',
      align: 'right',
      width: [6, 8],
      cell: ({ nextRunAt }, { at }) => (nextRunAt === null ? NOTHING : dueIn(nextRunAt.getTime() - at)),
      value: ({ nextRunAt }) => nextRunAt?.getTime() ?? 0,
    },
    sinceColumn('AGE', ({ createdAt }) => createdAt),
    lastErrorColumn,
  ],
  active: [
    {
      title: 'RUNS',
      align: 'right',
      width: [6, 8],
      cell: ({ startedAt }, { at }) =>
        startedAt === null ? NOTHING : flagged(span(at - startedAt.getTime()), at - startedAt.getTime() >= LONG_RUN_MS),
      value: ({ startedAt, createdAt }) => -(startedAt ?? createdAt).getTime(),
    },
    {
      title: 'HELD',
      align: 'right',
      width: [5, 6],
      wide: true,
      cell: ({ heldMs }: Partial<HeldJob>) =>
        heldMs === undefined ? NOTHING : heldMs === 0 ? flagged('no', true) : age(heldMs),
      value: ({ heldMs = -1 }: Partial<HeldJob>) => heldMs,
    },
    startsColumn('STARTS', ({ starts }) => starts),
    startsColumn('STALLS', ({ stalls }) => stalls),
    {
      title: 'PROGRESS',
      align: 'left',
      width: [9, 40],
      cell: ({ progress }, { width }) => progressBar(progress, Math.min(width, 20)),
      value: ({ progress }) => (typeof progress === 'number' ? progress : 0),
    },
  ],
  'waiting-children': [sinceColumn('AGE', ({ createdAt }) => createdAt)],
  completed: [
    sinceColumn('ENDED', ({ finishedAt }) => finishedAt),
    {
      title: 'RAN',
      align: 'right',
      width: [6, 7],
      cell: (job) => (ranMs(job) === null ? NOTHING : span(ranMs(job)!)),
      value: (job) => ranMs(job) ?? -1,
    },
  ],
  failed: [sinceColumn('DIED', ({ finishedAt }) => finishedAt), errorColumn],
  all: [
    {
      title: 'STATE',
      align: 'left',
      width: [9, 11],
      grows: 0,
      cell({ state }, { width }) {
        const text = stateWord(state).length > width ? shortStateWord(state) : stateWord(state);
        const tone = STATE_TONES[state];
        return tone ? { text, tone } : text;
      },
      value: ({ state }) => stateWord(state),
    },
    sinceColumn('LAST', ({ updatedAt }) => updatedAt),
    lastErrorColumn,
  ],
};

/** The columns of jobs in a state; the queue only where there may be several. */
export const jobColumns = (state: StateTab, withQueue: boolean): readonly Column<Job>[] => [
  {
    title: 'ID',
    align: 'left',
    width: [9, 36],
    grows: 4,
    cell: ({ id }, { width }) => tail(id, width),
    value: ({ id }) => id,
  },
  { title: 'TYPE', align: 'left', width: [13, 24], grows: 2, cell: ({ type }) => type, value: ({ type }) => type },
  ...(withQueue
    ? [
        {
          title: 'QUEUE',
          align: 'left',
          width: [10, 16],
          grows: 3,
          cell: ({ queue }: Job) => queue,
          value: ({ queue }: Job) => queue,
        } as const,
      ]
    : []),
  {
    title: 'TRY',
    align: 'right',
    width: [5, 7],
    leaves: 2,
    cell: ({ attempts, maxAttempts, state }) => `${state === 'active' ? attempts + 1 : attempts}/${maxAttempts}`,
    value: ({ attempts }) => attempts,
  },
  ...OWN[state],
];

const ranMs = ({ startedAt, finishedAt }: Job): number | null =>
  startedAt === null || finishedAt === null ? null : finishedAt.getTime() - startedAt.getTime();

const dueIn = (ms: number): string => (ms <= 0 ? 'now' : `in ${age(ms)}`);

/** `████░░░░ 50%`, or what a foreign handler reported. */
function progressBar(progress: Job['progress'], width: number): Cell {
  if (typeof progress !== 'number') return progress === null ? '' : JSON.stringify(progress);
  if (progress <= 0) return '';
  const room = Math.max(0, width - 5);
  const full = Math.round((Math.min(100, progress) / 100) * room);
  return { text: `${'█'.repeat(full)}${'░'.repeat(room - full)} ${Math.round(progress)}%`, tone: 'accent' };
}
