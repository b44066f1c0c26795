import type { Logger } from 'pino';
import type { Project } from '../../jobs/project.ts';
import { monotonicMs, sleep } from '../../lib/clock.ts';
import type { WorkRuntime } from '../work.ts';
import { recoverJobs } from './recover.ts';
import { startWorkerProcess, type WorkerProcess, type WorkerProgram } from './worker-process.ts';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;
/** A process that lived so long was healthy: the next one is started at once. Who was killed from outside was so sooner. */
const HEALTHY_MS = { broke: 30_000, killed: 1000, supervisor: 30_000 } as const;
/** What a process may take to stop beyond its grace time. */
const STOP_SPARE_MS = 5000;

/**
 * Starts and keeps worker processes; it never runs a handler itself, so nothing that a handler does can end it.
 *
 * It owns the processes. When one ends by itself, its jobs are put back at once and another one is started, later each
 * time it happens. It stops by telling all to stop; one that does not is killed, and its jobs are put back.
 * @throws JobQueueError what the first processes refuse to start for
 */
export async function startSupervisor(
  project: Project,
  { log, programs }: { log: Logger; programs: readonly WorkerProgram[] },
): Promise<WorkRuntime> {
  const current = new Map<number, WorkerProcess>();
  const stopping = new AbortController();
  let putBack = 0;

  /** Keeps one process running until it ends in order. */
  async function keep(index: number, first: WorkerProcess): Promise<void> {
    let failures = 0;
    for (let worker = first; ;) {
      const startedAt = monotonicMs();
      current.set(index, worker);
      const ending = await worker.ended;
      current.delete(index);
      if ('putBack' in ending) {
        putBack += ending.putBack;
        return;
      }
      log.error(`A worker process ended (${ending.how})`);
      await recoverJobs(project, ending, log).catch((error: unknown) => {
        log.error(
          { err: error },
          'its jobs could not be put back at once: other workers take them when their locks end',
        );
      });
      if (stopping.signal.aborted) return;
      // A process that was ended for a job that held it was healthy itself.
      const wasHealthy = ending.overrun.length > 0 || monotonicMs() - startedAt > HEALTHY_MS[ending.cause];
      failures = wasHealthy ? 0 : failures + 1;
      await sleep(
        failures === 0 ? 0 : Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS),
        stopping.signal,
      );
      if (stopping.signal.aborted) return;
      worker = startWorkerProcess(programs[index]!);
      worker.ready.then(
        () => log.info('Another worker process works'),
        (error: Error) => log.error(error.message),
      );
    }
  }

  const workers = programs.map(startWorkerProcess);
  const keeping = workers.map((worker, index) => keep(index, worker));
  const all = Promise.all(keeping);
  all.catch(() => {});
  const facts = await Promise.all(workers.map((worker) => worker.ready)).catch(async (error: unknown) => {
    stopping.abort();
    for (const worker of workers) worker.kill();
    await all;
    throw error;
  });

  const tellAll = (kind: 'stop' | 'stop-now'): void => {
    stopping.abort();
    for (const worker of current.values()) worker.tell({ kind });
  };
  async function untilStopped(patienceMs: number): Promise<void> {
    const enough = new AbortController();
    const late = sleep(patienceMs, enough.signal).then(() => {
      if (!enough.signal.aborted) for (const worker of current.values()) worker.kill();
    });
    await all;
    enough.abort();
    await late;
  }
  const { grace } = project.config.values.work;
  return {
    slotsByQueue: sumSlots(facts.map((each) => each.slotsByQueue)),
    types: facts[0]!.types,
    async busy() {
      const counts = await Promise.all([...current.values()].map((worker) => worker.busy()));
      return counts.reduce((sum, count) => sum + count, 0);
    },
    stop() {
      tellAll('stop');
      return untilStopped(grace + STOP_SPARE_MS);
    },
    stopNow() {
      tellAll('stop-now');
      return untilStopped(STOP_SPARE_MS);
    },
    stopped: all.then(() => ({ putBack })),
  };
}

function sumSlots(all: readonly Record<string, number>[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const each of all) for (const [queue, slots] of Object.entries(each)) sum[queue] = (sum[queue] ?? 0) + slots;
  return sum;
}
