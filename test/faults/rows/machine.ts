import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { sleep } from '../../../src/lib/clock.ts';
import { type Fault, throughout } from '../fault.ts';
import { ORDINARY_MIX } from '../job-plan.ts';
import { until } from '../until.ts';

const DISK_FULL_MS = 5000;
const HOUR_MS = 3_600_000;
/** How far the clock of each worker is ahead, one turn after the other. */
const CLOCK_STEPS: readonly (readonly [number, number])[] = [
  [HOUR_MS, HOUR_MS],
  [-HOUR_MS, -HOUR_MS],
  [HOUR_MS, -HOUR_MS],
  [0, 0],
];

/** What happens to the machine, and to a fleet that is being updated. */
export const MACHINE_FAULTS: readonly Fault[] = [
  {
    name: 'disk-full',
    does: 'the disk of Redis is full for 5 s; Redis is started again if that ended it',
    expects: 'jobs run again within 3 s',
    times: { short: 1, normal: 2, long: 5 },
    limitsLines: true,
    recovery: { of: 'resume', withinMs: 3000 },
    skip: whyNoTmpfs,
    prepare: mountTmpfs,
    async inflict(arena, times) {
      const ballast = path.join(arena.redis.folder, 'ballast');
      await throughout(arena, times, () =>
        arena.strike(async () => {
          fillDisk(ballast);
          await sleep(DISK_FULL_MS);
          fs.rmSync(ballast);
          if (arena.redis.hasEnded()) await arena.redis.start();
        }),
      );
      return [];
    },
  },
  {
    name: 'clock-steps',
    does: "the clocks of the workers' machines are set, an hour ahead, an hour back, one of them each way, and right again",
    expects: 'nothing is noticed: no delayed job comes early or late, no job runs twice, all workers are on the list',
    times: { short: 3, normal: 8, long: 40 },
    mix: { ...ORDINARY_MIX, lasting: 0.3 },
    hasClocks: true,
    limitsLines: true,
    async inflict(arena, times) {
      const complaints: string[] = [];
      // No strike: it explains no duplicate.
      await throughout(arena, times, async (turn) => {
        const steps = CLOCK_STEPS[(turn - 1) % CLOCK_STEPS.length]!;
        arena.clocks.forEach((clock, index) => clock.set(steps[index]!));
        if (!(await until(async () => (await arena.livingWorkers()) === arena.workers.length, 5000))) {
          complaints.push(`not all workers were on the list with clocks ${steps.join(' and ')} ms ahead`);
        }
      });
      for (const [index, worker] of arena.workers.entries()) {
        const tree = arena.treeOf(worker);
        const users = arena.clocks[index]!.users().filter(({ pid }) => tree.includes(pid));
        const isReached = users.length === tree.length && users.some(({ hasThread }) => hasThread);
        if (!isReached)
          complaints.push('not every process and thread of a worker went by its clock: this proves nothing');
      }
      return complaints;
    },
  },
  {
    name: 'mixed-versions',
    does: 'one `jq work` of this build, one of the build before it; SIGTERM to one of them at a time',
    expects: 'no more than the counts',
    times: { short: 2, normal: 6, long: 20 },
    isMixed: true,
    async inflict(arena, times) {
      const complaints: string[] = [];
      await throughout(arena, times, async (turn) => {
        if (!(await until(() => arena.programsAtWork().length === 2, 20_000))) {
          complaints.push('the two builds did not run jobs at the same time: this proves nothing');
        }
        const worker = arena.workers[turn % arena.workers.length]!;
        await arena.strike(() => worker.stop(40_000), arena.treeOf(worker));
        worker.start();
      });
      return complaints;
    },
  },
];

function mountTmpfs(folder: string): () => void {
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', folder], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`Cannot mount a small disk: ${stderr}`);
  return () => void spawnSync('umount', [folder]);
}

function whyNoTmpfs(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root can mount a small disk';
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'jobqueue-disk-'));
  try {
    mountTmpfs(folder)();
    return undefined;
  } catch (error) {
    return (error as Error).message.trim();
  } finally {
    fs.rmdirSync(folder);
  }
}

/** Writes a file until nothing more fits. */
function fillDisk(name: string): void {
  const file = fs.openSync(name, 'w');
  try {
    for (const size of [1 << 16, 1]) {
      const bytes = Buffer.alloc(size);
      try {
        for (;;) fs.writeSync(file, bytes);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      }
    }
  } finally {
    fs.closeSync(file);
  }
}
