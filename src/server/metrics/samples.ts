import type { Load } from '../../broker/read-load.ts';
import type { QueueLook } from '../../broker/read-queue.ts';
import { BOUNDS_S, emptyTotals, mergeTotals, type Spread, type TotalsOf } from '../../broker/totals.ts';
import { LOST_MS, WORKER_STATES, type WorkerRecord } from '../../broker/worker-records.ts';
import type { MetricName } from './table.ts';

/** One line of the output. Of a histogram, `suffix` says which of its lines. */
export interface Sample {
  labels: Readonly<Record<string, string>>;
  value: number;
  suffix?: '_bucket' | '_sum' | '_count';
}

export type Samples = Partial<Record<MetricName, Sample[]>>;

/** Beyond so many, queues and types have no series of their own: what stores series must not be filled by names that anybody makes up. */
const MAX_QUEUES = 500;
const MAX_TYPES = 500;
const OTHER = 'other';

/** What a load of Redis is in figures. */
export function sampleLoad({ at, queues, workers, totals, info, roundTripMs }: Load): Samples {
  const alive = workers.filter(({ beatAt }) => at - beatAt <= LOST_MS);
  const states = countBy(workers.map((worker) => (alive.includes(worker) ? worker.state : 'lost')));
  const number = (name: string): number => Number(info.get(name) ?? 0);
  const isOk = (name: string): number => (info.get(name) === 'ok' ? 1 : 0);
  return {
    ...sampleQueues(foldQueues(queues.map((queue) => describeQueue(queue, alive, at)))),
    ...sampleTotals(foldTotals(totals)),
    jobqueue_workers: [...WORKER_STATES, 'lost'].map((state) => sample({ state }, states.get(state) ?? 0)),
    jobqueue_busy_slots: [sample({}, sum(alive.map(({ busy }) => busy)))],
    jobqueue_redis_up: [sample({}, 1)],
    jobqueue_redis_round_trip_seconds: [sample({}, roundTripMs / 1000)],
    jobqueue_redis_memory_used_bytes: [sample({}, number('used_memory'))],
    jobqueue_redis_memory_max_bytes: [sample({}, number('maxmemory') || number('total_system_memory'))],
    jobqueue_redis_aof_enabled: [sample({}, number('aof_enabled'))],
    jobqueue_redis_persistence_ok: [
      sample({ part: 'aof_write' }, isOk('aof_last_write_status')),
      sample({ part: 'aof_rewrite' }, isOk('aof_last_bgrewrite_status')),
      sample({ part: 'snapshot' }, isOk('rdb_last_bgsave_status')),
    ],
  };
}

interface QueueFacts extends Pick<QueueLook, 'name' | 'counts'> {
  paused: boolean;
  oldestSeconds: number;
  workers: number;
  slots: number;
}

function describeQueue(queue: QueueLook, alive: readonly WorkerRecord[], at: number): QueueFacts {
  const { name, counts, settings, oldestDueAt } = queue;
  const slots = alive.map(({ slotsByQueue }) => slotsByQueue[name] ?? 0);
  return {
    name,
    counts,
    paused: settings.paused,
    oldestSeconds: oldestDueAt === null ? 0 : Math.max(0, (at - oldestDueAt) / 1000),
    workers: slots.filter((each) => each > 0).length,
    slots: sum(slots),
  };
}

function foldQueues(queues: readonly QueueFacts[]): QueueFacts[] {
  const rest = queues.slice(MAX_QUEUES);
  if (rest.length === 0) return [...queues];
  const [first] = rest;
  const counts = Object.fromEntries(
    Object.keys(first!.counts).map((state) => [
      state,
      sum(rest.map((each) => each.counts[state as keyof typeof each.counts])),
    ]),
  ) as QueueFacts['counts'];
  return [
    ...queues.slice(0, MAX_QUEUES),
    {
      name: OTHER,
      counts,
      paused: rest.some(({ paused }) => paused),
      oldestSeconds: Math.max(...rest.map(({ oldestSeconds }) => oldestSeconds)),
      workers: Math.max(...rest.map(({ workers }) => workers)),
      slots: sum(rest.map(({ slots }) => slots)),
    },
  ];
}

function sampleQueues(queues: readonly QueueFacts[]): Samples {
  const ofEach = (pick: (queue: QueueFacts) => number): Sample[] =>
    queues.map((queue) => sample({ queue: queue.name }, pick(queue)));
  return {
    jobqueue_jobs: queues.flatMap(({ name, counts }) =>
      Object.entries(counts).map(([state, amount]) => sample({ queue: name, state }, amount)),
    ),
    jobqueue_queue_oldest_waiting_seconds: ofEach(({ oldestSeconds }) => oldestSeconds),
    jobqueue_queue_paused: ofEach(({ paused }) => Number(paused)),
    jobqueue_queue_workers: ofEach(({ workers }) => workers),
    jobqueue_queue_slots: ofEach(({ slots }) => slots),
  };
}

/** They come with the oldest first, so the ones that are folded are the same in every scrape and what they add up to only grows. */
function foldTotals(totals: readonly TotalsOf[]): TotalsOf[] {
  const rest = totals.slice(MAX_TYPES);
  if (rest.length === 0) return [...totals];
  const other: TotalsOf = { queue: OTHER, type: OTHER, ...emptyTotals() };
  for (const each of rest) mergeTotals(other, each);
  return [...totals.slice(0, MAX_TYPES), other];
}

function sampleTotals(totals: readonly TotalsOf[]): Samples {
  return {
    jobqueue_attempts_total: totals.flatMap(({ queue, type, completed, failed }) => [
      sample({ queue, type, outcome: 'completed' }, completed),
      sample({ queue, type, outcome: 'failed' }, failed),
    ]),
    jobqueue_jobs_dead_total: totals.map(({ queue, type, dead }) => sample({ queue, type }, dead)),
    jobqueue_job_duration_seconds: totals.flatMap(({ queue, type, run }) => sampleSpread({ queue, type }, run)),
    jobqueue_job_wait_seconds: totals.flatMap(({ queue, type, wait }) => sampleSpread({ queue, type }, wait)),
  };
}

/** Bins become the counts of all that is at most their bound. */
export function sampleSpread(labels: Record<string, string>, { seconds, bins }: Spread): Sample[] {
  const upTo = (bound: number): number => sum([...bins].filter(([each]) => each <= bound).map(([, amount]) => amount));
  return [
    ...BOUNDS_S.map((bound) => ({
      ...sample({ ...labels, le: String(bound) }, upTo(bound)),
      suffix: '_bucket' as const,
    })),
    { ...sample({ ...labels, le: '+Inf' }, upTo(Infinity)), suffix: '_bucket' },
    { ...sample(labels, seconds), suffix: '_sum' },
    { ...sample(labels, upTo(Infinity)), suffix: '_count' },
  ];
}

const sample = (labels: Record<string, string>, value: number): Sample => ({ labels, value });
const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

function countBy(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
