import type { Outcomes } from '../../broker/outcomes.ts';
import type { JobState } from '../../jobs/job.ts';
import { renderLimits } from '../../jobs/render-limits.ts';
import type { QueueSummary, Snapshot } from '../../jobs/snapshot-types.ts';
import { amount, type Cell, flagged, rate } from '../cells.ts';
import { healthOf } from '../health.ts';
import { BARS, figures, occupancy } from './queue-columns.ts';
import { queuePanel } from './queue-panel.ts';
import { defineScreen } from './screen.ts';

const FLAGS: Record<ReturnType<typeof healthOf>, Cell> = {
  ok: '',
  paused: { text: 'P', tone: 'warning' },
  noworker: { text: '!', tone: 'alarm' },
};

export const queuesScreen = defineScreen<QueueSummary, 'queues'>({
  id: 'queues',
  title: 'Queues',
  firstSort: () => ({ column: 'WAIT', descending: true }),
  columns: (_place, { timing, bars }) => (bars ? BARS : figures(timing)),
  rows: ({ queues }) => queues,
  badge: ({ queues }) => queues.length,
  summary: ({ snapshot }) => totals(snapshot),
  identity: ({ name }) => name,
  searched: ({ name }) => name,
  tags: tagsOf,
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

/** Where there is something to see: what waits before what runs, and both before what has ended. */
function fullestState({ waiting, active, delayed, failed }: QueueSummary): JobState {
  if (waiting > 0) return 'waiting';
  if (active > 0) return 'active';
  if (failed > 0) return 'failed';
  return delayed > 0 ? 'delayed' : 'completed';
}

/** `has:dead`, `is:paused`. */
function tagsOf(queue: QueueSummary): string[] {
  const { waiting, active, delayed, completed, failed } = queue;
  const counts = { waiting, active, delayed, done: completed, dead: failed };
  const health = healthOf(queue);
  return [
    ...Object.entries(counts).flatMap(([word, jobs]) => (jobs > 0 ? [`has:${word}`] : [])),
    ...(health === 'ok' ? [] : [`is:${health}`]),
  ];
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

// Each a piece of its own: what does not fit is cut where it is long, and half a number is another number.
const ended = (when: string, outcomes: Outcomes | null): Cell[] =>
  outcomes === null ? [] : [`${when} ${amount(outcomes.completed, 6)} ok`, `${amount(outcomes.failed, 6)} failed`];
