import type { QueueSummary } from '../../src/jobs/snapshot-types.ts';
import { renderApproximateDuration } from '../../src/lib/duration.ts';
import { renderSize } from '../../src/lib/size.ts';
import { agoTime, isoTime } from '../../src/lib/time.ts';
import type { Column } from '../framework/print-rows.ts';
import { renderLimits } from '../../src/jobs/render-limits.ts';

const milliseconds = (ms: number | null): string => (ms === null ? '–' : renderApproximateDuration(ms));
export const perSecond = (rate: number | null): string => (rate === null ? '–' : rate.toFixed(rate < 10 ? 1 : 0));

const stateOf = ({ paused, workers }: QueueSummary): string =>
  paused ? 'paused' : workers === 0 ? 'no worker' : 'running';

/** Who paused it, and what it is limited to. */
function notesOf(queue: QueueSummary, time: (ms: number) => string): string {
  const by = queue.pausedBy === null ? '' : ` by ${queue.pausedBy}`;
  const paused = queue.pausedAt === null ? '' : `paused ${time(queue.pausedAt.getTime())}${by}`;
  return [paused, renderLimits(queue)].filter(Boolean).join(', ');
}

/** What is listed of a queue. Rates and run times are unknown where no worker of ours reports. */
export const QUEUE_COLUMNS: readonly Column<QueueSummary>[] = [
  { title: 'QUEUE', value: (queue) => queue.name, flexible: true },
  { title: 'STATE', value: stateOf },
  { title: 'WAIT', align: 'right', value: (queue) => queue.waiting },
  { title: 'ACTIVE', align: 'right', value: (queue) => queue.active },
  { title: 'DELAYED', align: 'right', value: (queue) => queue.delayed },
  { title: 'DONE', align: 'right', value: (queue) => queue.completed },
  { title: 'DEAD', align: 'right', value: (queue) => queue.failed },
  {
    title: 'OK/S',
    align: 'right',
    value: (queue) => queue.completedPerSecond,
    show: (queue) => perSecond(queue.completedPerSecond),
  },
  {
    title: 'FAIL/S',
    align: 'right',
    value: (queue) => queue.failedPerSecond,
    show: (queue) => perSecond(queue.failedPerSecond),
  },
  { title: 'P50', align: 'right', value: (queue) => queue.p50Ms, show: (queue) => milliseconds(queue.p50Ms) },
  { title: 'P95', align: 'right', value: (queue) => queue.p95Ms, show: (queue) => milliseconds(queue.p95Ms) },
  {
    title: 'OLDEST',
    align: 'right',
    value: (queue) => queue.oldestWaitingMs,
    show: (queue) => milliseconds(queue.oldestWaitingMs),
  },
  {
    title: 'TODAY',
    align: 'right',
    value: (queue) => queue.today?.completed,
  },
  {
    title: 'MEM',
    align: 'right',
    value: (queue) => queue.memoryBytes,
    show: (queue) => (queue.memoryBytes === null ? '–' : renderSize(queue.memoryBytes)),
  },
  {
    title: 'NOTES',
    value: (queue) => notesOf(queue, isoTime),
    show: (queue) => notesOf(queue, agoTime),
    flexible: true,
  },
];
