import type { Figures } from '../broker/figures.ts';
import type { Outcomes } from '../broker/outcomes.ts';
import { A_FEW, MANY } from '../broker/queue-memory.ts';
import { readWorkers } from '../broker/worker-records.ts';
import { createLook, describeWorkers } from './look.ts';
import { createNewestDead } from './newest-dead.ts';
import type { Project } from './project.ts';
import { partOf, runTimes } from './queue-rates.ts';
import type { QueueSummary, Snapshot, WorkerSummary } from './snapshot-types.ts';

/** The state of this Redis now. Cost: a handful of round trips, whatever the number of jobs. */
export const takeSnapshot = (project: Project): Promise<Snapshot> => watchProject(project, MANY)();

/**
 * Takes snapshots again and again, one at a time. What cannot change is read once: a refresh costs two round trips, and a
 * few more while the search for foreign queues goes on or something dies.
 */
export function watchProject(project: Project, mostMeasured = A_FEW): () => Promise<Snapshot> {
  const { broker } = project;
  const look = createLook(project, true, mostMeasured);
  const newestDead = createNewestDead(project);
  return async () => {
    const { at, memoryOf, roundTripMs, workers, queues, looks, sum } = await look();
    const deadLetters = await newestDead(looks);
    return {
      at: new Date(at),
      redis: {
        label: broker.target.label,
        version: broker.server.version,
        usedMemoryBytes: memoryOf('used_memory'),
        maxMemoryBytes: memoryOf('maxmemory'),
        roundTripMs,
      },
      queues,
      workers,
      deadLetters,
      totals: totalsOf(queues, sum),
    };
  };
}

/** @param mostMeasured how many of them are measured, to tell the memory of those that were not lately */
export const listQueues = async (project: Project, mostMeasured = MANY): Promise<QueueSummary[]> =>
  (await createLook(project, false, mostMeasured)()).queues;

export const listWorkers = async ({ broker }: Project): Promise<WorkerSummary[]> =>
  describeWorkers(await readWorkers(broker), broker.clock.now());

function totalsOf(queues: readonly QueueSummary[], figures: Figures): Snapshot['totals'] {
  const known = (pick: (queue: QueueSummary) => number | null): number[] =>
    queues.flatMap((queue) => pick(queue) ?? []);
  const sum = (pick: (queue: QueueSummary) => number | null): number =>
    known(pick).reduce((total, each) => total + each, 0);
  const sumOrNull = (pick: (queue: QueueSummary) => number | null): number | null =>
    known(pick).length === 0 ? null : sum(pick);
  const [completed, failed] = [
    sumOrNull((queue) => queue.completedPerSecond),
    sumOrNull((queue) => queue.failedPerSecond),
  ];
  const ages = known((queue) => queue.oldestWaitingMs);
  return {
    waiting: sum((queue) => queue.waiting),
    active: sum((queue) => queue.active),
    delayed: sum((queue) => queue.delayed),
    completed: sum((queue) => queue.completed),
    failed: sum((queue) => queue.failed),
    addedPerSecond: sumOrNull((queue) => queue.addedPerSecond),
    completedPerSecond: completed,
    failedPerSecond: failed,
    deadPerSecond: sumOrNull((queue) => queue.deadPerSecond),
    errorRate: partOf(failed ?? 0, completed ?? 0),
    ...runTimes(figures),
    today: sumOutcomes(queues.map(({ today }) => today)),
    ever: sumOutcomes(queues.map(({ ever }) => ever)),
    oldestWaitingMs: ages.length === 0 ? null : Math.max(...ages),
  };
}

function sumOutcomes(all: readonly (Outcomes | null)[]): Outcomes | null {
  const known = all.filter((each) => each !== null);
  if (known.length === 0) return null;
  const sum = (pick: (each: Outcomes) => number): number => known.reduce((total, each) => total + pick(each), 0);
  return {
    completed: sum((each) => each.completed),
    failed: sum((each) => each.failed),
    dead: sum((each) => each.dead),
  };
}
