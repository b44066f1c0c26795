import { parseInfo } from '../broker/check-server.ts';
import { bucketOf, BUCKET_MS, type Figures, readFigures } from '../broker/figures.ts';
import { findQueues } from '../broker/queues.ts';
import { type QueueSettings, readQueueSettings } from '../broker/queue-settings.ts';
import { countStates, readOldestWaiting } from '../broker/read-jobs.ts';
import { LOST_MS, readWorkers } from '../broker/worker-records.ts';
import { monotonicMs } from '../lib/clock.ts';
import { addTo, type Histogram, quantile } from '../lib/histogram.ts';
import { sees } from './caller.ts';
import { listDeadLetters } from './dead-letters.ts';
import type { Project } from './project.ts';
import type { DeadLetterSummary, QueueSummary, Snapshot, WorkerSummary } from './snapshot-types.ts';

/** Buckets of the sparkline: five minutes. */
const HISTORY = 30;
/** Rates are those of the last minute. */
const RATE_MS = 60_000;
const NEWEST_DEAD = 200;

/** The state of this Redis now. Cost: a handful of round trips, whatever the number of jobs. */
export async function takeSnapshot(project: Project): Promise<Snapshot> {
  const began = monotonicMs();
  const masters = project.broker.redis.masters();
  const infos = await Promise.all(masters.map((master) => master.call('INFO', 'memory')));
  const roundTripMs = monotonicMs() - began;
  const memory = infos.map((info) => parseInfo(info as string));
  const sumOf = (name: string): number => memory.reduce((sum, info) => sum + Number(info.get(name) ?? 0), 0);
  const workers = await listWorkers(project);
  const queues = await summarizeQueues(project, workers);
  const deadLetters = queues.some((queue) => queue.failed > 0) ? await newestDead(project) : [];
  const sum = (pick: (queue: QueueSummary) => number | null): number =>
    queues.reduce((total, queue) => total + (pick(queue) ?? 0), 0);
  const measured = queues.some((queue) => queue.completedPerSecond !== null);
  return {
    at: new Date(project.broker.clock.now()),
    redis: {
      label: project.broker.target.label,
      version: project.broker.server.version,
      usedMemoryBytes: sumOf('used_memory'),
      maxMemoryBytes: sumOf('maxmemory'),
      roundTripMs,
    },
    queues,
    workers,
    deadLetters,
    totals: {
      waiting: sum((queue) => queue.waiting),
      active: sum((queue) => queue.active),
      delayed: sum((queue) => queue.delayed),
      completed: sum((queue) => queue.completed),
      failed: sum((queue) => queue.failed),
      completedPerSecond: measured ? sum((queue) => queue.completedPerSecond) : null,
      failedPerSecond: measured ? sum((queue) => queue.failedPerSecond) : null,
    },
  };
}

export const listQueues = async (project: Project): Promise<QueueSummary[]> =>
  summarizeQueues(project, await listWorkers(project));

export async function listWorkers({ broker }: Project): Promise<WorkerSummary[]> {
  const records = await readWorkers(broker);
  return records.map(({ slotsByQueue, ...record }) => ({
    ...record,
    slotsByQueue,
    queues: Object.keys(slotsByQueue),
    slots: Object.values(slotsByQueue).reduce((sum, slots) => sum + slots, 0),
    startedAt: new Date(record.startedAt),
    beatAt: new Date(record.beatAt),
    state: broker.clock.now() - record.beatAt > LOST_MS ? 'lost' : record.state,
  }));
}

async function summarizeQueues(project: Project, workers: readonly WorkerSummary[]): Promise<QueueSummary[]> {
  const { broker, config } = project;
  const names = [...new Set([...(await findQueues(broker)), ...Object.keys(config.values.queues)])]
    .filter((name) => sees(project, name))
    .toSorted();
  const at = broker.clock.now();
  const last = bucketOf(at);
  const starts = Array.from({ length: HISTORY }, (_, index) => last - (HISTORY - 1 - index) * BUCKET_MS);
  const [counts, settings, oldest, figures] = await Promise.all([
    countStates(broker, names, ['waiting', 'prioritized', 'active', 'delayed', 'completed', 'failed']),
    readQueueSettings(broker, names),
    readOldestWaiting(broker, names),
    readFigures(broker, names, starts),
  ]);
  return names.map((name) => {
    const { waiting, prioritized, active, delayed, completed, failed } = counts.get(name)!;
    const listening = workers.filter((worker) => worker.state !== 'lost' && worker.queues.includes(name));
    const since = oldest.get(name);
    return {
      name,
      waiting: waiting + prioritized,
      active,
      delayed,
      completed,
      failed,
      ...settingsOf(settings.get(name)!),
      workers: listening.length,
      slots: listening.reduce((slots, worker) => slots + worker.slotsByQueue[name]!, 0),
      oldestWaitingMs: since === undefined ? null : Math.max(0, at - since),
      ...ratesOf(figures.get(name)!, starts, listening, at),
    };
  });
}

const settingsOf = ({ pausedAt, ...settings }: QueueSettings) => ({
  ...settings,
  pausedAt: pausedAt === null ? null : new Date(pausedAt),
});

function ratesOf(
  buckets: readonly Figures[],
  starts: readonly number[],
  listening: readonly WorkerSummary[],
  at: number,
) {
  const history = buckets.map(({ ok }) => ok);
  const run: Histogram = new Map();
  for (const bucket of buckets) for (const [bin, amount] of bucket.run) addTo(run, bin, amount);
  const recent = buckets.filter((_bucket, index) => starts[index]! > at - RATE_MS);
  const busy = (bucket: Figures): boolean => bucket.ok + bucket.failed > 0;
  // Since when there could have been any: before the first worker came there was no rate that would count.
  const firstBusy = starts[buckets.findIndex((bucket, index) => starts[index]! > at - RATE_MS && busy(bucket))] ?? at;
  const firstWorker = Math.min(...listening.map(({ startedAt }) => startedAt.getTime()));
  const since = Math.max(starts[buckets.length - recent.length]!, Math.min(firstBusy, firstWorker));
  const seconds = Math.max(1, (at - since) / 1000);
  const ok = recent.reduce((sum, bucket) => sum + bucket.ok, 0);
  const failed = recent.reduce((sum, bucket) => sum + bucket.failed, 0);
  const isKnown = listening.length > 0 || buckets.some(busy);
  return {
    completedPerSecond: isKnown ? ok / seconds : null,
    failedPerSecond: isKnown ? failed / seconds : null,
    errorRate: ok + failed === 0 ? null : failed / (ok + failed),
    p50Ms: quantile(run, 0.5),
    p95Ms: quantile(run, 0.95),
    history,
  };
}

async function newestDead(project: Project): Promise<DeadLetterSummary[]> {
  const { jobs } = await listDeadLetters(project, {}, { limit: NEWEST_DEAD });
  return jobs.map(({ id, type, queue, attempts, finishedAt, createdAt, error }) => ({
    id,
    type,
    queue,
    attempts,
    diedAt: finishedAt ?? createdAt,
    error: error ?? '',
  }));
}
