import type { DeadLetterSummary, QueueSummary, Snapshot, WorkerSummary } from '../jobs/snapshot-types.ts';
import { renderTable, type TableColumn } from '../lib/table.ts';
import { cleanLine } from '../lib/text.ts';
import { healthOf, type QueueHealth } from './health.ts';

/** {@link Snapshot} as JSON. Fields are only ever added; `v` is raised when that is not enough. */
export interface SnapshotJson extends Omit<Snapshot, 'at' | 'queues' | 'workers' | 'deadLetters'> {
  v: 1;
  at: string;
  queues: (QueueSummary & { state: QueueHealth })[];
  workers: (Omit<WorkerSummary, 'startedAt' | 'beatAt'> & { startedAt: string; beatAt: string })[];
  deadLetters: (Omit<DeadLetterSummary, 'diedAt'> & { diedAt: string })[];
}

const COLUMNS: readonly (TableColumn & { cell(queue: QueueSummary): string })[] = [
  { title: 'QUEUE', cell: ({ name }) => cleanLine(name) },
  { title: 'STATE', cell: healthOf },
  { title: 'WAIT', cell: ({ waiting }) => String(waiting) },
  { title: 'ACTIVE', cell: ({ active, slots }) => `${active}/${slots}` },
  { title: 'DELAYED', cell: ({ delayed }) => String(delayed) },
  { title: 'DLQ', cell: ({ failed }) => String(failed) },
  { title: 'OK/S', cell: ({ completedPerSecond }) => number(completedPerSecond, 2) },
  { title: 'FAIL/S', cell: ({ failedPerSecond }) => number(failedPerSecond, 2) },
  { title: 'P50MS', cell: ({ p50Ms }) => number(p50Ms) },
  { title: 'P95MS', cell: ({ p95Ms }) => number(p95Ms) },
  {
    title: 'OLDEST_S',
    cell: ({ oldestWaitingMs }) => number(inSeconds(oldestWaitingMs)),
  },
  // Behind the others, where awk is used to nothing.
  { title: 'IN/S', cell: ({ addedPerSecond }) => number(addedPerSecond, 2) },
  { title: 'DEAD/S', cell: ({ deadPerSecond }) => number(deadPerSecond, 2) },
  { title: 'WAIT_P95MS', cell: ({ waitP95Ms }) => number(waitP95Ms) },
  { title: 'DRAIN_S', cell: ({ drainMs }) => number(inSeconds(drainMs)) },
  { title: 'PAUSED_BY', cell: ({ pausedBy }) => (pausedBy === null ? '-' : cleanLine(pausedBy)) },
  { title: 'TODAY', cell: ({ today }) => number(today && today.completed) },
  { title: 'MEM_BYTES', cell: ({ memoryBytes }) => number(memoryBytes) },
];

/** The queues as one frame of plain text, for people and for awk: one line each, no colour, nothing cut, bare numbers. */
export const renderPlain = ({ queues }: Snapshot): string =>
  renderTable(
    COLUMNS,
    queues.map((queue) => COLUMNS.map(({ cell }) => cell(queue))),
  );

/** The snapshot as data for `JSON.stringify`; times are RFC 3339. */
export const renderJson = ({ at, redis, queues, workers, deadLetters, totals }: Snapshot): SnapshotJson => ({
  v: 1,
  at: at.toISOString(),
  redis,
  queues: queues.map((queue) => ({ ...queue, state: healthOf(queue) })),
  workers: workers.map(({ startedAt, beatAt, ...worker }) => ({
    ...worker,
    startedAt: startedAt.toISOString(),
    beatAt: beatAt.toISOString(),
  })),
  deadLetters: deadLetters.map(({ diedAt, ...letter }) => ({ ...letter, diedAt: diedAt.toISOString() })),
  totals,
});

const inSeconds = (ms: number | null): number | null => (ms === null ? null : ms / 1000);

const number = (value: number | null, digits = 0): string =>
  value === null ? '-' : String(Number(value.toFixed(digits)));
