import { Worker as Thread } from 'node:worker_threads';
import type { Broker } from '../broker.ts';
import { type HeldJob, LockTable } from './lock-table.ts';
import type { LockThreadData, LostLocks } from './lock-thread.ts';

const BEAT_EVERY_MS = 200;
/** More than there are slots: jobs that end and start at the same time need a row each, and slots may be added later. */
const SPARE_ROWS = 1024;

/** A lock that is being kept. */
export interface Hold {
  /** From then on (uptime in ms) the attempt is over; who holds the main thread longer has its process ended. */
  setDeadline(uptime: number): void;
  release(): void;
}

/** Keeps the locks of the jobs in hand, from a thread that no handler can block. It owns the thread. */
export interface LockKeeper {
  /** Before the handler starts. @returns undefined when it cannot keep this one */
  hold(job: HeldJob): Hold | undefined;
  /** Told of each lock that turned out to be somebody else's. */
  onLost(listener: (job: Pick<HeldJob, 'queue' | 'id'>) => void): void;
  stop(): Promise<void>;
}

/** The program that calls `runLockThread`: a file, or in a single executable, which has none, its text. */
export type LockThread = { file: string } | { source: string };

export interface LockKeeperOptions {
  thread: LockThread;
  slots: number;
  lockMs: number;
  parentPid: number;
  reportTo: number;
}

export function startLockKeeper({ target, keys }: Broker, options: LockKeeperOptions): LockKeeper {
  const table = new LockTable(options.slots + SPARE_ROWS);
  table.beat();
  const beat = setInterval(() => table.beat(), BEAT_EVERY_MS);
  const listeners: ((job: Pick<HeldJob, 'queue' | 'id'>) => void)[] = [];
  const data: LockThreadData = {
    target,
    prefix: keys.prefix,
    buffer: table.buffer,
    lockMs: options.lockMs,
    parentPid: options.parentPid,
    reportTo: options.reportTo,
  };
  const thread =
    'file' in options.thread
      ? new Thread(options.thread.file, { workerData: data })
      : new Thread(options.thread.source, { workerData: data, eval: true });
  thread.on('message', (lost: LostLocks) => lost.forEach((job) => listeners.forEach((listener) => listener(job))));
  // Without it no lock would be kept: the supervisor starts the process anew.
  thread.on('error', (error) => {
    throw error;
  });
  return {
    hold(job) {
      const row = table.hold(job);
      if (row === undefined) return undefined;
      return { setDeadline: (uptime) => table.setDeadline(row, uptime), release: () => table.release(row) };
    },
    onLost: (listener) => void listeners.push(listener),
    async stop() {
      clearInterval(beat);
      thread.removeAllListeners('error');
      await thread.terminate();
    },
  };
}
