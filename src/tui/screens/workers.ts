import type { WorkerSummary } from '../../jobs/snapshot-types.ts';
import { renderSize } from '../../lib/size.ts';
import { count } from '../../lib/text.ts';
import { age, amount, type Cell, flagged, known, NOTHING, rate, span } from '../cells.ts';
import { addressOf } from '../health.ts';
import { defineScreen } from './screen.ts';

// A worker whose event loop stands still this long cannot keep its locks and its heartbeat.
const BAD_LOOP_DELAY_MS = 500;

const FLAGS: Record<WorkerSummary['state'], Cell> = {
  running: '',
  quiet: { text: 'S', tone: 'warning' },
  stopping: { text: 'S', tone: 'warning' },
  lost: { text: '!', tone: 'alarm' },
};

export const workersScreen = defineScreen<WorkerSummary, 'workers'>({
  id: 'workers',
  title: 'Workers',
  firstSort: () => ({ column: 'WORKER', descending: false }),
  columns: () => [
    { title: 'WORKER', align: 'left', width: [14, 32], grows: 1, cell: addressOf, value: addressOf },
    { title: 'QUEUES', align: 'left', width: [9, 48], grows: 2, cell: queuesOf, value: queuesOf },
    {
      title: 'BUSY',
      align: 'right',
      width: [6, 9],
      cell: ({ busy, slots }) => `${busy}/${slots}`,
      value: ({ busy }) => busy,
    },
    {
      title: 'OK/s',
      align: 'right',
      width: [5, 6],
      cell: ({ completedPerSecond }) => known(completedPerSecond, rate),
      value: ({ completedPerSecond }) => completedPerSecond ?? -1,
    },
    {
      title: 'FAIL/s',
      align: 'right',
      width: [7, 7],
      cell: ({ failedPerSecond }) => known(failedPerSecond, rate),
      value: ({ failedPerSecond }) => failedPerSecond ?? -1,
    },
    {
      title: 'DONE',
      align: 'right',
      width: [7, 9],
      wide: true,
      cell: ({ completed }, { width }) => known(completed, (value) => amount(value, width)),
      value: ({ completed }) => completed ?? -1,
    },
    {
      title: 'FAILED',
      align: 'right',
      width: [7, 9],
      wide: true,
      cell: ({ failed }, { width }) => known(failed, (value) => amount(value, width)),
      value: ({ failed }) => failed ?? -1,
    },
    {
      title: 'RSS',
      align: 'right',
      width: [5, 6],
      cell: ({ rssBytes }) => renderSize(rssBytes),
      value: ({ rssBytes }) => rssBytes,
    },
    {
      title: 'LOOP',
      align: 'right',
      width: [6, 6],
      leaves: 1,
      cell: ({ state, loopDelayMs }) =>
        state === 'lost' ? NOTHING : flagged(span(loopDelayMs), loopDelayMs >= BAD_LOOP_DELAY_MS),
      value: ({ loopDelayMs }) => loopDelayMs,
    },
    {
      title: 'BEAT',
      align: 'right',
      width: [5, 6],
      cell: ({ state, beatAt }, { at }) => flagged(age(at - beatAt.getTime()), state === 'lost'),
      value: ({ beatAt }) => -beatAt.getTime(),
    },
    {
      title: 'UP',
      align: 'right',
      width: [4, 5],
      leaves: 2,
      cell: ({ startedAt }, { at }) => age(at - startedAt.getTime()),
      value: ({ startedAt }) => -startedAt.getTime(),
    },
  ],
  rows: ({ workers }) => workers,
  badge: ({ workers }) => workers.length,
  summary({ snapshot: { workers, queues } }) {
    const others = queues.reduce((sum, queue) => sum + (queue.foreignWorkers ?? 0), 0);
    const slots = workers.reduce((sum, worker) => sum + worker.slots, 0);
    const busy = workers.reduce((sum, worker) => sum + worker.busy, 0);
    const hosts = new Set(workers.map(({ host }) => host)).size;
    return [
      `${count(workers.length, 'worker')} on ${count(hosts, 'host')}`,
      `${busy} of ${count(slots, 'slot')} busy`,
      `rss ${renderSize(workers.reduce((sum, { rssBytes }) => sum + rssBytes, 0))}`,
      `${rate(workers.reduce((sum, worker) => sum + (worker.completedPerSecond ?? 0), 0))} ok/s`,
      `${rate(workers.reduce((sum, worker) => sum + (worker.failedPerSecond ?? 0), 0))} fail/s`,
      ...(others > 0 ? [`and ${amount(others)} of other programs`] : []),
    ];
  },
  identity: ({ id }) => id,
  searched: ({ id, queues }) => `${id} ${queues.join(' ')}`,
  flag: ({ state }) => FLAGS[state],
  detail: (worker) => [
    { text: addressOf(worker), tone: 'strong' },
    worker.state,
    ...(worker.completed === null || worker.failed === null
      ? []
      : [`${amount(worker.completed)} done, ${amount(worker.failed)} failed`]),
    `queues ${queuesOf(worker)}`,
  ],
  empty: () => 'No workers. Start one: jq work',
  target: ({ id }) => ({ kind: 'worker', id }),
});

function queuesOf({ queues }: WorkerSummary): string {
  return queues.join(',');
}
