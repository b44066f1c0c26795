import { parseInfo } from '../broker/check-server.ts';
import { createFigureWindow, type QueueFigures } from '../broker/figure-window.ts';
import type { Figures } from '../broker/figures.ts';
import { findQueues } from '../broker/queues.ts';
import { decodeQueues, type QueueLook, readQueues } from '../broker/read-queue.ts';
import { toObject, unwrap } from '../broker/redis.ts';
import { decodeBeats, LOST_MS, readBeats, type WorkerRecord } from '../broker/worker-records.ts';
import { monotonicMs } from '../lib/clock.ts';
import { sees } from './caller.ts';
import type { Project } from './project.ts';
import { createTrends, type Trends } from './queue-trend.ts';
import { addUp, ratesOf, sumOf } from './queue-rates.ts';
import type { QueueSummary, WorkerSummary } from './snapshot-types.ts';

/** Buckets of the sparkline: five minutes. */
const HISTORY = 30;

/** Queues and workers at one moment. */
export interface Look {
  at: number;
  /** A line of INFO memory, added up over all masters. */
  memoryOf(name: string): number;
  roundTripMs: number;
  workers: WorkerSummary[];
  queues: QueueSummary[];
  looks: QueueLook[];
  /** What all queues' figures come to. */
  sum: Figures;
}

/** Looks at queues and workers, each time in two round trips, and knows then what it has seen before. */
export function createLook(project: Project): () => Promise<Look> {
  const { broker, config } = project;
  const { redis, keys } = broker;
  const window = createFigureWindow(broker, HISTORY);
  const trends = createTrends();
  let again = false;

  return async () => {
    const searching = findQueues(broker, { again });
    const began = monotonicMs();
    const first = await Promise.all([
      redis.pipeline([readBeats(broker), ['HGETALL', keys.pauses]]),
      Promise.all(redis.masters().map((master) => master.call('INFO', 'memory'))).then((infos) => ({
        memory: infos.map((info) => parseInfo(info as string)),
        tookMs: monotonicMs() - began,
      })),
      searching,
    ]);
    again = true;
    const [replies, { memory, tookMs }, found] = first;
    const names = [...new Set([...found, ...Object.keys(config.values.queues)])]
      .filter((name) => sees(project, name))
      .toSorted();
    const at = broker.clock.now();
    const queueCalls = readQueues(broker, names);
    const { commands, take } = window.plan(names, at);
    const seen = await redis.pipeline([...queueCalls, ...commands]);
    const workers = describeWorkers(decodeBeats(unwrap(replies[0]), at), at);
    const looks = decodeQueues(names, seen.slice(0, queueCalls.length), toObject(unwrap(replies[1])));
    const figures = take(seen.slice(queueCalls.length));
    const listening = byQueue(workers);
    return {
      at,
      memoryOf: (name) => memory.reduce((sum, info) => sum + Number(info.get(name) ?? 0), 0),
      roundTripMs: tookMs,
      workers,
      queues: looks.map((queue) =>
        summarize(queue, figures.get(queue.name)!, { listening: listening.get(queue.name) ?? [], trends, at }),
      ),
      looks,
      sum: addUp([...figures.values()].map(sumOf)),
    };
  };
}

export const describeWorkers = (records: readonly WorkerRecord[], at: number): WorkerSummary[] =>
  records.map(({ slotsByQueue, ...record }) => ({
    ...record,
    slotsByQueue,
    queues: Object.keys(slotsByQueue),
    slots: Object.values(slotsByQueue).reduce((sum, slots) => sum + slots, 0),
    startedAt: new Date(record.startedAt),
    beatAt: new Date(record.beatAt),
    state: at - record.beatAt > LOST_MS ? 'lost' : record.state,
  }));

/** The live workers that listen to each queue. */
function byQueue(workers: readonly WorkerSummary[]): Map<string, WorkerSummary[]> {
  const listening = new Map<string, WorkerSummary[]>();
  for (const worker of workers) {
    if (worker.state === 'lost') continue;
    for (const queue of worker.queues) {
      const others = listening.get(queue);
      if (others) others.push(worker);
      else listening.set(queue, [worker]);
    }
  }
  return listening;
}

function summarize(
  { name, counts, added, settings, oldestDueAt }: QueueLook,
  figures: QueueFigures,
  { listening, trends, at }: { listening: readonly WorkerSummary[]; trends: Trends; at: number },
): QueueSummary {
  const rates = ratesOf(figures, listening, at);
  const { waiting, prioritized, active, delayed, completed, failed } = counts;
  return {
    name,
    waiting: waiting + prioritized,
    active,
    delayed,
    completed,
    failed,
    ...settings,
    pausedAt: settings.pausedAt === null ? null : new Date(settings.pausedAt),
    workers: listening.length,
    slots: listening.reduce((slots, worker) => slots + worker.slotsByQueue[name]!, 0),
    oldestWaitingMs: oldestDueAt === null ? null : Math.max(0, at - oldestDueAt),
    ...rates,
    ...trends.of(name, figures.buckets, { at, added, waiting: waiting + prioritized }),
  };
}
