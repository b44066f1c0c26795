import { parseInfo } from '../broker/check-server.ts';
import { createFigureWindow, type QueueFigures } from '../broker/figure-window.ts';
import type { Figures } from '../broker/figures.ts';
import { createListeners } from '../broker/listeners.ts';
import { createOutcomeWatch, type QueueOutcomes } from '../broker/outcomes.ts';
import { queueMemoryOf } from '../broker/queue-memory.ts';
import { findQueues } from '../broker/queues.ts';
import { decodeQueues, type QueueLook, readQueues } from '../broker/read-queue.ts';
import { toObject, unwrap } from '../broker/redis.ts';
import { decodeBeats, LOST_MS, readBeats, type WorkerRecord, type WorkerTally } from '../broker/worker-records.ts';
import { monotonicMs } from '../lib/clock.ts';
import { sees } from './caller.ts';
import type { Project } from './project.ts';
import { createTrends, type Trends } from './queue-trend.ts';
import { addUp, ratesOf } from './queue-rates.ts';
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

/**
 * Looks at queues and workers, each time in two round trips, and knows then what it has seen before.
 * @param everybody whether the workers of other programs are to be counted, too: that costs about as much as there are connections
 * @param mostMeasured how many queues are measured with each look, to tell their memory
 */
export function createLook(project: Project, everybody: boolean, mostMeasured: number): () => Promise<Look> {
  const { broker, config } = project;
  const { redis, keys } = broker;
  const window = createFigureWindow(broker, HISTORY);
  const trends = createTrends();
  const listeners = createListeners(broker);
  const memory = queueMemoryOf(broker);
  const outcomes = createOutcomeWatch(broker);
  let again = false;

  return async () => {
    const searching = findQueues(broker, { again });
    const began = monotonicMs();
    const first = await Promise.all([
      redis.pipeline([readBeats(broker), ['HGETALL', keys.pauses]]),
      Promise.all(redis.masters().map((master) => master.call('INFO', 'memory'))).then((texts) => ({
        infos: texts.map((text) => parseInfo(text as string)),
        tookMs: monotonicMs() - began,
      })),
      searching,
      everybody ? listeners() : undefined,
    ]);
    again = true;
    const [replies, { infos, tookMs }, found, listenersOf] = first;
    const names = [...new Set([...found, ...Object.keys(config.values.queues)])]
      .filter((name) => sees(project, name))
      .toSorted();
    const at = broker.clock.now();
    const queueCalls = readQueues(broker, names);
    const bucketPlan = window.plan(names, at);
    const outcomePlan = outcomes.plan(names, at);
    const memoryPlan = memory.plan(names, mostMeasured);
    const calls = [queueCalls, bucketPlan.commands, outcomePlan.commands, memoryPlan.commands];
    const seen = await redis.pipeline(calls.flat());
    let next = 0;
    const [ofQueues, ofBuckets, ofOutcomes, ofMemory] = calls.map(({ length }) => seen.slice(next, (next += length)));
    const workers = describeWorkers(decodeBeats(unwrap(replies[0]), at), at);
    const looks = decodeQueues(names, ofQueues!, toObject(unwrap(replies[1])));
    const figures = bucketPlan.take(ofBuckets!);
    outcomePlan.take(ofOutcomes!);
    memoryPlan.take(ofMemory!);
    const listening = byQueue(workers.filter(({ state }) => state !== 'lost'));
    return {
      at,
      memoryOf: (name) => infos.reduce((sum, info) => sum + Number(info.get(name) ?? 0), 0),
      roundTripMs: tookMs,
      workers,
      queues: looks.map((queue) =>
        summarize(queue, figures.get(queue.name)!, {
          listening: listening.get(queue.name) ?? NOBODY,
          connected: listenersOf && (listenersOf.get(queue.name) ?? 0),
          outcomes: outcomes.of(queue.name),
          memoryBytes: memory.bytesOf(queue),
          trends,
          at,
        }),
      ),
      looks,
      sum: addUp([...figures.values()].map(({ all }) => all)),
    };
  };
}

export function describeWorkers(records: readonly WorkerRecord[], at: number): WorkerSummary[] {
  // Workers of one fleet share them, and they may be of hundreds of queues.
  const distinct = new Set(records.map(({ slotsByQueue }) => slotsByQueue));
  const served = new Map([...distinct].map((slotsByQueue) => [slotsByQueue, describeSlots(slotsByQueue)]));
  return records.map(({ tally, ...record }) => {
    const state = at - record.beatAt > LOST_MS ? 'lost' : record.state;
    return {
      ...record,
      ...served.get(record.slotsByQueue)!,
      ...paceOf(tally, state === 'lost'),
      startedAt: new Date(record.startedAt),
      beatAt: new Date(record.beatAt),
      state,
    };
  });
}

type Pace = Pick<WorkerSummary, 'completed' | 'failed' | 'completedPerSecond' | 'failedPerSecond'>;

/** How fast a worker is, as far as it is known: those of former versions say nothing of it. */
function paceOf(tally: WorkerTally | undefined, isLost: boolean): Pace {
  const lately = isLost ? undefined : tally?.lately;
  return {
    completed: tally?.completed ?? null,
    failed: tally?.failed ?? null,
    completedPerSecond: lately ? (lately.completed * 1000) / lately.ms : null,
    failedPerSecond: lately ? (lately.failed * 1000) / lately.ms : null,
  };
}

const describeSlots = (slotsByQueue: WorkerRecord['slotsByQueue']) => ({
  queues: Object.keys(slotsByQueue),
  slots: Object.values(slotsByQueue).reduce((sum, slots) => sum + slots, 0),
});

/** Those who listen to a queue. */
interface Listening {
  workers: number;
  slots: number;
  /** When the first of them came (epoch ms). */
  since: number;
}

const NOBODY: Listening = { workers: 0, slots: 0, since: Infinity };

function byQueue(workers: readonly WorkerSummary[]): Map<string, Listening> {
  const listening = new Map<string, Listening>();
  for (const [slotsByQueue, fleet] of Map.groupBy(workers, (worker) => worker.slotsByQueue)) {
    const first = Math.min(...fleet.map(({ startedAt }) => startedAt.getTime()));
    for (const [queue, slots] of Object.entries(slotsByQueue)) {
      const others = listening.get(queue) ?? NOBODY;
      listening.set(queue, {
        workers: others.workers + fleet.length,
        slots: others.slots + slots * fleet.length,
        since: Math.min(others.since, first),
      });
    }
  }
  return listening;
}

function summarize(
  { name, counts, added, settings, oldestDueAt }: QueueLook,
  figures: QueueFigures,
  {
    listening,
    connected,
    outcomes,
    memoryBytes,
    trends,
    at,
  }: {
    listening: Listening;
    connected: number | undefined;
    outcomes: QueueOutcomes | null;
    memoryBytes: number | null;
    trends: Trends;
    at: number;
  },
): QueueSummary {
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
    workers: listening.workers,
    foreignWorkers: connected === undefined ? null : Math.max(0, connected - listening.workers),
    slots: listening.slots,
    today: outcomes?.today ?? null,
    ever: outcomes?.ever ?? null,
    memoryBytes,
    oldestWaitingMs: oldestDueAt === null ? null : Math.max(0, at - oldestDueAt),
    ...ratesOf(figures, listening.since),
    ...trends.of(name, figures.buckets, { at, added, waiting: waiting + prioritized }),
  };
}
