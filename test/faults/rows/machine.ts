import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { sleep } from '../../../src/lib/clock.ts';
import { type Fault, throughout } from '../fault.ts';

const DISK_FULL_MS = 5000;

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
    name: 'mixed-versions',
    does: 'one `jq work` of this build, one of the build before it; SIGTERM to one of them at a time',
    expects: 'no more than the counts',
    times: { short: 2, normal: 6, long: 20 },
    isMixed: true,
    async inflict(arena, times) {
      await throughout(arena, times, async (turn) => {
        const worker = arena.workers[turn % arena.workers.length]!;
        await arena.strike(() => worker.stop(40_000), arena.treeOf(worker));
        worker.start();
      });
      return [];
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
