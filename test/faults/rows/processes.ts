import { sleep } from '../../../src/lib/clock.ts';
import type { Arena } from '../arena.ts';
import { type Fault, throughout } from '../fault.ts';
import type { KeptProgram } from '../kept-program.ts';
import { signalProcess } from '../processes.ts';
import { until } from '../until.ts';

/** Longer than a lock lives and two looks for stalled jobs take. */
const BEYOND_THE_LOCK_MS = 27_000;
/** What a worker may need beyond its grace. */
const ENDING_MS = 3500;

/** What happens to processes of ours. */
export const PROCESS_FAULTS: readonly Fault[] = [
  {
    name: 'worker-kill',
    does: 'SIGKILL to a process that runs handlers, under load',
    expects: 'its jobs run again within 1 s',
    times: { short: 4, normal: 10, long: 60 },
    recovery: { of: 'restart', withinMs: 1000 },
    async inflict(arena, times) {
      await throughout(arena, times, () => killHandlerProcess(arena));
      return [];
    },
  },
  {
    name: 'supervisor-kill',
    does: 'SIGKILL to the first process of a `jq work`, which is started again',
    expects: 'the processes below it end within 2 s; its jobs run again within 30 s',
    times: { short: 2, normal: 5, long: 30 },
    recovery: { of: 'restart', withinMs: 30_000 },
    async inflict(arena, times) {
      const complaints: string[] = [];
      await throughout(arena, times, async () => {
        const worker = arena.random.pick(arena.workers);
        const tree = arena.treeOf(worker);
        await arena.strike(() => worker.kill(), tree);
        const gone = () => arena.processes().every(({ pid }) => !tree.includes(pid));
        if (!(await until(gone, 2000))) complaints.push('a process outlived its supervisor by more than 2 s');
        worker.start();
      });
      return complaints;
    },
  },
  {
    name: 'machine-gone',
    does: 'SIGKILL to all processes of a `jq work` at once; another one is there',
    expects: 'its jobs run again within 30 s',
    times: { short: 1, normal: 3, long: 10 },
    recovery: { of: 'restart', withinMs: 30_000 },
    async inflict(arena, times) {
      await throughout(arena, times, async () => {
        const worker = arena.random.pick(arena.workers);
        await untilBusy(arena, worker);
        const tree = arena.treeOf(worker);
        await arena.strike(async () => {
          for (const pid of tree) signalProcess(pid, 'SIGKILL');
          await worker.kill();
        }, tree);
        await sleep(1000);
        worker.start();
      });
      return [];
    },
  },
  {
    name: 'worker-stopped',
    does: 'SIGSTOP to a whole `jq work` until its locks are long over, then SIGCONT',
    expects: 'its jobs run again elsewhere within 30 s; nothing that it does late counts',
    times: { short: 1, normal: 1, long: 5 },
    mayOverlap: true,
    recovery: { of: 'restart', withinMs: 30_000 },
    async inflict(arena, times) {
      await throughout(arena, times, async () => {
        const worker = arena.random.pick(arena.workers);
        await untilBusy(arena, worker);
        const tree = arena.treeOf(worker);
        await arena.strike(async () => {
          for (const pid of tree) signalProcess(pid, 'SIGSTOP');
          await sleep(BEYOND_THE_LOCK_MS);
          for (const pid of tree) signalProcess(pid, 'SIGCONT');
        }, tree);
      });
      return [];
    },
  },
  {
    name: 'sigterm',
    does: 'SIGTERM to the only `jq work` while jobs run that take longer than its grace time',
    expects:
      'it ends soon after the grace; nothing is active then; what was aborted runs again within 5 s of its start',
    times: { short: 1, normal: 3, long: 20 },
    mix: { quick: 40, slow: 30, long: 30 },
    jobs: 60,
    workers: 1,
    flags: ['--grace', '500ms'],
    // Two seconds of it are for ending.
    recovery: { of: 'restart', withinMs: 7000 },
    async inflict(arena, times) {
      const complaints: string[] = [];
      const worker = arena.workers[0]!;
      await throughout(arena, times, async () => {
        await arena.untilRunning('long');
        await arena.strike(async () => {
          const code = await worker.stop(500 + ENDING_MS);
          if (code === null) complaints.push('it did not end in time');
          const active = await arena.activeIds();
          if (active.length > 0) complaints.push(`${active.length} jobs were active after it had ended`);
        }, arena.treeOf(worker));
        worker.start();
      });
      return complaints;
    },
  },
  {
    name: 'producer-kill',
    does: 'SIGKILL to a program that enqueues; started again, it gives up half of what it had tried, and repeats the rest',
    expects: 'one job a key; some of what was given up runs',
    times: { short: 6, normal: 15, long: 60 },
    leavesPendingMs: 20,
    async inflict(arena, times) {
      await throughout(arena, times, () => arena.killProducer());
      return [];
    },
  },
  {
    name: 'serve-kill',
    does: 'SIGKILL to a `jq serve` that 64 clients send jobs to, who repeat with the same Idempotency-Key what got no answer',
    expects: 'one job a key',
    times: { short: 3, normal: 10, long: 60 },
    producer: 'http',
    async inflict(arena, times) {
      const server = arena.server!;
      await throughout(arena, times, async () => {
        await arena.strike(() => server.kill(), arena.treeOf(server));
        server.start();
      });
      return [];
    },
  },
];

/** Waits until a worker runs a job that takes a while. */
async function untilBusy(arena: Arena, worker: KeptProgram): Promise<void> {
  const isBusy = () => arena.running().some(({ pid, type }) => type === 'slow' && arena.treeOf(worker).includes(pid));
  await until(isBusy, 10_000);
}

/** Kills one process that runs jobs, if there is one. */
export async function killHandlerProcess(arena: Arena): Promise<void> {
  await until(() => arena.running().length > 0, 10_000);
  const pids = arena.running().map(({ pid }) => pid);
  if (pids.length === 0) return;
  const pid = arena.random.pick(pids);
  await arena.strike(() => signalProcess(pid, 'SIGKILL'), [pid]);
}
