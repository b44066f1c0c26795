import type { QueueSummary } from '../../jobs/snapshot-types.ts';
import { renderSize } from '../../lib/size.ts';
import { sparkline } from '../../lib/sparkline.ts';
import { age, amount, type Cell, errorRate, flagged, known, NOTHING, rate, span, textOf } from '../cells.ts';
import { healthOf } from '../health.ts';
import type { Timing } from '../state.ts';
import type { Column } from '../table.ts';

// From here on it is marked as trouble.
const BAD_AGE_MS = 60_000;

const timeColumn = (title: string, read: (queue: QueueSummary) => number | null): Column<QueueSummary> => ({
  title,
  align: 'right',
  width: [6, 7],
  cell: (queue) => known(read(queue), span),
  value: (queue) => read(queue) ?? -1,
});

export const figures = (timing: Timing): readonly Column<QueueSummary>[] => [
  { title: 'QUEUE', align: 'left', width: [11, 24], grows: 1, cell: ({ name }) => name, value: ({ name }) => name },
  {
    title: 'WAIT',
    align: 'right',
    width: [6, 9],
    cell: (queue, { width }) => (isGrowing(queue) ? growing(queue.waiting, width) : amount(queue.waiting, width)),
    value: ({ waiting }) => waiting,
  },
  {
    title: 'ACT',
    align: 'right',
    width: [5, 9],
    cell: ({ active, slots }, { width }) => occupancy(active, slots, width),
    value: ({ active }) => active,
  },
  {
    title: 'WRK',
    align: 'right',
    width: [4, 4],
    wide: true,
    cell: ({ workers }) => amount(workers, 4),
    value: ({ workers }) => workers,
  },
  {
    title: 'DLY',
    align: 'right',
    width: [5, 9],
    leaves: 3,
    cell: ({ delayed }, { width }) => amount(delayed, width),
    value: ({ delayed }) => delayed,
  },
  {
    title: 'DLQ',
    align: 'right',
    width: [5, 9],
    cell: ({ failed }, { width }) => (failed > 0 ? { text: amount(failed, width), tone: 'warning' } : '0'),
    value: ({ failed }) => failed,
  },
  {
    title: 'DONE',
    align: 'right',
    width: [7, 9],
    wide: true,
    cell: ({ completed }, { width }) => amount(completed, width),
    value: ({ completed }) => completed,
  },
  {
    title: 'TODAY',
    align: 'right',
    width: [6, 9],
    wide: true,
    leaves: -1,
    cell: ({ today }, { width }) => known(today, ({ completed }) => amount(completed, width)),
    value: ({ today }) => today?.completed ?? -1,
  },
  {
    title: 'IN/s',
    align: 'right',
    width: [5, 7],
    wide: true,
    cell: ({ addedPerSecond }) => known(addedPerSecond, rate),
    value: ({ addedPerSecond }) => addedPerSecond ?? -1,
  },
  {
    title: 'OK/s',
    align: 'right',
    width: [5, 7],
    leaves: 5,
    cell: ({ completedPerSecond }) => known(completedPerSecond, rate),
    value: ({ completedPerSecond }) => completedPerSecond ?? -1,
  },
  {
    title: 'FAIL/s',
    align: 'right',
    width: [7, 7],
    wide: true,
    cell: ({ failedPerSecond }) => known(failedPerSecond, rate),
    value: ({ failedPerSecond }) => failedPerSecond ?? -1,
  },
  {
    title: 'ERR%',
    align: 'right',
    width: [5, 6],
    cell: (queue) => known(queue.errorRate, errorRate),
    value: (queue) => queue.errorRate ?? -1,
  },
  // `t` changes what these tell: two times fit beside each other nowhere but in a wide terminal.
  {
    ...timeColumn('P50', timing === 'run' ? ({ p50Ms }) => p50Ms : ({ waitP50Ms }) => waitP50Ms),
    ...(timing === 'wait' && { shown: 'wP50' }),
    leaves: 2,
  },
  {
    ...timeColumn('P95', timing === 'run' ? ({ p95Ms }) => p95Ms : ({ waitP95Ms }) => waitP95Ms),
    ...(timing === 'wait' && { shown: 'wP95' }),
  },
  {
    ...timeColumn('WAIT P95', timing === 'run' ? ({ waitP95Ms }) => waitP95Ms : ({ p95Ms }) => p95Ms),
    ...(timing === 'wait' && { shown: 'RUN P95' }),
    width: [9, 9],
    wide: true,
    leaves: 0,
  },
  {
    title: 'OLD',
    align: 'right',
    width: [5, 6],
    leaves: 4,
    cell: ({ oldestWaitingMs }) => known(oldestWaitingMs, (ms) => flagged(age(ms), ms >= BAD_AGE_MS)),
    value: ({ oldestWaitingMs }) => oldestWaitingMs ?? -1,
  },
  {
    title: 'DRAIN',
    align: 'right',
    width: [6, 6],
    wide: true,
    cell: drain,
    value: ({ drainMs }) => drainMs ?? Infinity,
  },
  {
    title: 'MEM',
    align: 'right',
    width: [6, 6],
    wide: true,
    leaves: 0,
    cell: ({ memoryBytes }) => known(memoryBytes, renderSize),
    value: ({ memoryBytes }) => memoryBytes ?? -1,
  },
  {
    title: '5 MIN',
    align: 'left',
    width: [8, 30],
    grows: 2,
    leaves: 1,
    cell: ({ history }, { width }) => ({ text: sparkline(history, width), tone: 'accent' }),
  },
];

/** Beside a bar there is room for the counts only, and in a small terminal for few of them: the bar tells of all. */
const COUNTS = figures('run')
  .filter(({ title }) => ['QUEUE', 'WAIT', 'ACT', 'DLY', 'DLQ', 'DONE'].includes(title))
  .map((column) => (['QUEUE', 'WAIT'].includes(column.title) ? column : { ...column, leaves: 0 }));
const LETTERS = 'a active w wait d delay c done x dead';

export const BARS: readonly Column<QueueSummary>[] = [
  ...COUNTS,
  {
    title: 'STATES',
    shown: LETTERS,
    align: 'left',
    width: [LETTERS.length + 1, 200],
    grows: 0,
    cell: (queue, { width }) => ({ text: stateBar(queue, width), tone: 'accent' }),
    value: totalOf,
  },
];

function totalOf({ waiting, active, delayed, completed, failed }: QueueSummary): number {
  return waiting + active + delayed + completed + failed;
}

/** Each state with its share of `width`, by a letter; however little, something is not nothing. */
function stateBar(queue: QueueSummary, width: number): string {
  const { active: a, waiting: w, delayed: d, completed: c, failed: x } = queue;
  const parts = Object.entries({ a, w, d, c, x }).filter(([, jobs]) => jobs > 0);
  const room = width - parts.length;
  return parts.map(([letter, jobs]) => letter.repeat(1 + Math.floor((jobs / totalOf(queue)) * room))).join('');
}

/** Jobs that run, of those that could: `12/20`. Without slots of ours, other workers have them: `5/–`. */
export function occupancy(active: number, slots: number, width: number): string {
  const exact = `${amount(active)}/${slots === 0 && active > 0 ? textOf(NOTHING) : amount(slots)}`;
  return exact.length <= width ? exact : amount(active, width);
}

/** By a tenth or more in a minute. */
const isGrowing = ({ waiting, growthPerSecond }: QueueSummary): boolean =>
  growthPerSecond !== null && growthPerSecond * 60 >= Math.max(10, waiting / 10);

const growing = (waiting: number, width: number): Cell => ({ text: `▲${amount(waiting, width - 1)}`, tone: 'warning' });

/** Until nothing waits any more. */
function drain(queue: QueueSummary): Cell {
  if (healthOf(queue) === 'noworker') return { text: 'never', tone: 'alarm' };
  if (queue.drainMs !== null) return age(queue.drainMs);
  return queue.growthPerSecond === null || queue.paused ? NOTHING : { text: 'grows', tone: 'warning' };
}
