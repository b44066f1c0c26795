import type { Outcomes } from '../../broker/outcomes.ts';
import type { JobState } from '../../jobs/job.ts';
import { renderLimits } from '../../jobs/render-limits.ts';
import type { QueueSummary, Snapshot } from '../../jobs/snapshot-types.ts';
import { age, amount, type Cell, flagged, known, NOTHING, rate, span, textOf } from '../cells.ts';
import { healthOf } from '../health.ts';
import { renderSize } from '../../lib/size.ts';
import { sparkline } from '../../lib/sparkline.ts';
import type { Column } from '../table.ts';
import { queuePanel } from './queue-panel.ts';
import { defineScreen } from './screen.ts';

// From here on a number is marked as trouble.
const BAD_ERROR_RATE = 0.01;
const BAD_AGE_MS = 60_000;

const FLAGS: Record<ReturnType<typeof healthOf>, Cell> = {
  ok: '',
  paused: { text: 'P', tone: 'warning' },
  noworker: { text: '!', tone: 'alarm' },
};

export const queuesScreen = defineScreen<QueueSummary, 'queues'>({
  id: 'queues',
  title: 'Queues',
  firstSort: () => ({ column: 'WAIT', descending: true }),
  columns: (_place, timing) => [
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
      cell: ({ errorRate }) => known(errorRate, (part) => flagged(percent(part), part >= BAD_ERROR_RATE)),
      value: ({ errorRate }) => errorRate ?? -1,
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
  ],
  rows: ({ queues }) => queues,
  badge: ({ queues }) => queues.length,
  summary: ({ snapshot }) => totals(snapshot),
  identity: ({ name }) => name,
  searched: ({ name }) => name,
  flag: (queue) => FLAGS[healthOf(queue)],
  detail: (queue) => {
    const limits = renderLimits(queue);
    return limits === '' ? [] : [{ text: queue.name, tone: 'strong' }, limits];
  },
  panel: queuePanel,
  empty: () => "No queues yet. Try: jq enqueue TYPE --payload '{}'",
  opens: (queue) => ({ screen: 'jobs', queue: queue.name, state: fullestState(queue) }),
  target: ({ name, paused }) => ({ kind: 'queue', name, paused }),
});

const timeColumn = (title: string, read: (queue: QueueSummary) => number | null): Column<QueueSummary> => ({
  title,
  align: 'right',
  width: [6, 7],
  cell: (queue) => known(read(queue), span),
  value: (queue) => read(queue) ?? -1,
});

/** Where there is something to see: what waits before what runs, and both before what has ended. */
function fullestState({ waiting, active, delayed, failed }: QueueSummary): JobState {
  if (waiting > 0) return 'waiting';
  if (active > 0) return 'active';
  if (failed > 0) return 'failed';
  return delayed > 0 ? 'delayed' : 'completed';
}

/** The totals over all queues, the most important first. */
export function totals({ totals: all, workers }: Snapshot): Cell[] {
  const slots = workers.filter(({ state }) => state !== 'lost').reduce((sum, worker) => sum + worker.slots, 0);
  return [
    `wait ${amount(all.waiting)}`,
    `active ${occupancy(all.active, slots, Infinity)}`,
    `delayed ${amount(all.delayed)}`,
    flagged(`DLQ ${amount(all.failed)}`, all.failed > 0),
    ...(all.completedPerSecond === null ? [] : [`${rate(all.completedPerSecond)} ok/s`]),
    ...(all.failedPerSecond === null ? [] : [`${rate(all.failedPerSecond)} fail/s`]),
    `done ${amount(all.completed)}`,
    ...ended('today', all.today),
    ...ended('ever', all.ever),
  ];
}

const ended = (when: string, outcomes: Outcomes | null): Cell[] =>
  outcomes === null ? [] : [`${when} ${amount(outcomes.completed, 6)} ok ${amount(outcomes.failed, 6)} failed`];

/** Jobs that run, of those that could: `12/20`. Without slots of ours, other workers have them: `5/–`. */
function occupancy(active: number, slots: number, width: number): string {
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

const percent = (part: number): string => (part >= 0.9995 ? '100' : (part * 100).toFixed(1));
