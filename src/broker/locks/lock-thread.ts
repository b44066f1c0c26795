import fs from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { monotonicMs, sleep, uptimeMs } from '../../lib/clock.ts';
import { ENGINE, pack } from '../engine-scripts.ts';
import { createKeys } from '../keys.ts';
import { openLastingRedis } from '../lasting-redis.ts';
import type { Redis } from '../redis.ts';
import { runScript } from '../script.ts';
import type { RedisTarget } from '../target.ts';
import { type HeldJob, LockTable } from './lock-table.ts';

/** What the thread is started with. */
export interface LockThreadData {
  target: RedisTarget;
  prefix: string;
  buffer: SharedArrayBuffer;
  lockMs: number;
  /** Of the supervisor: when it is gone, so is this process. */
  parentPid: number;
  /** Descriptor on which the supervisor hears which jobs ran over their time. */
  reportTo: number;
}

/** What it tells the main thread: these locks are not ours any more. */
export type LostLocks = Pick<HeldJob, 'queue' | 'id'>[];

const LOOK_EVERY_MS = 250;
/** The main thread has so long after a deadline to end the attempt itself. */
const PATIENCE_MS = 2000;
/** A main thread that was not free for so long is stuck in a handler. */
const STUCK_MS = 1000;

/**
 * The thread that keeps the locks of the jobs in hand, where no handler can block it. It owns a connection. It ends the
 * process when a handler holds the main thread beyond its time, and when the supervisor is gone.
 */
export async function runLockThread(): Promise<never> {
  const { target, prefix, buffer, lockMs, parentPid, reportTo } = workerData as LockThreadData;
  const table = new LockTable(buffer);
  const keys = createKeys(prefix, target.cluster !== undefined);
  let redis: Redis | undefined;
  let extendAt = monotonicMs() + lockMs / 3;
  for (;;) {
    await sleep(LOOK_EVERY_MS);
    if (process.ppid !== parentPid) process.kill(process.pid, 'SIGKILL');
    const held = table.read();
    const overrun = held.filter(({ deadline }) => deadline > 0 && uptimeMs() > deadline + PATIENCE_MS);
    if (overrun.length > 0 && table.silenceMs() > STUCK_MS) {
      fs.writeSync(reportTo, `${JSON.stringify(overrun.map(({ queue, id }) => ({ queue, id })))}\n`);
      process.kill(process.pid, 'SIGKILL');
    }
    if (held.length === 0 || monotonicMs() < extendAt) continue;
    extendAt = monotonicMs() + lockMs / 3;
    try {
      redis ??= await openLastingRedis(target);
      const lost = await extendAll(redis, held);
      if (lost.length > 0) parentPort!.postMessage(lost satisfies LostLocks);
    } catch {
      // Redis is away: the locks outlast a short break, and a long one shows in the main thread.
      extendAt = monotonicMs() + LOOK_EVERY_MS;
    }
  }

  async function extendAll(connection: Redis, held: readonly HeldJob[]): Promise<LostLocks> {
    const lost: LostLocks = [];
    for (const queue of new Set(held.map((job) => job.queue))) {
      const jobs = held.filter((job) => job.queue === queue);
      const [tokens, ids] = [jobs.map((job) => job.token), jobs.map((job) => job.id)];
      const failed = await runScript(connection, ENGINE.extendLocks, [
        keys.queue(queue, 'stalled'),
        keys.queue(queue, ''),
        pack(tokens),
        pack(ids),
        lockMs,
      ]);
      lost.push(...(failed as string[]).map((id) => ({ queue, id })));
    }
    return lost;
  }
}
