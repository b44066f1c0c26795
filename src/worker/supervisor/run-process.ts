import type { Logger } from 'pino';
import { LOCK_MS } from '../../broker/consumer/consumer.ts';
import { type LockThread, startLockKeeper } from '../../broker/locks/lock-keeper.ts';
import { JobQueueError } from '../../errors.ts';
import { letGuardHold } from '../../handlers/executable/marked-processes.ts';
import type { Project } from '../../jobs/project.ts';
import { startWork, type WorkRuntime } from '../work.ts';
import { type FromProcess, OVERRUN_DESCRIPTOR, type ToProcess } from './messages.ts';

/** The process's line to its supervisor: Node's `process` with an IPC channel. */
export type SupervisorLine = Pick<NodeJS.Process, 'on' | 'send' | 'ppid'>;

export interface RunProcessOptions {
  log: Logger;
  drain: boolean;
  /** Which of how many processes this is: the slots are shared among them. */
  share: { index: number; of: number };
  line: SupervisorLine;
  lockThread: LockThread;
  /** Ends the process at once. */
  die(): never;
}

/** The life of a worker process: it runs jobs until its supervisor tells it to stop, or is gone. */
export async function runProcess(project: Project, options: RunProcessOptions): Promise<void> {
  const { log, line, drain, share } = options;
  const tell = (message: FromProcess): void => void line.send?.(message);
  let runtime: WorkRuntime | undefined;
  line.on('message', (message) => {
    const answers: Record<ToProcess['kind'], () => Promise<void> | undefined> = {
      stop: () => runtime?.stop(),
      'stop-now': () => runtime?.stopNow(),
      count: () => runtime?.busy().then((busy) => tell({ kind: 'busy', busy })),
    };
    answers[(message as ToProcess).kind]()?.catch((error: Error) => log.error(error.message));
  });
  // A supervisor that was killed cannot stop anybody: its jobs are taken by others when their locks end.
  line.on('disconnect', () => options.die());
  // When this process ends, its supervisor gives its jobs to others: not before their executables have ended.
  letGuardHold(OVERRUN_DESCRIPTOR);
  try {
    runtime = await startWork(project, {
      log,
      drain,
      share,
      onHolders: (holders, queues) => tell({ kind: 'holders', holders, queues }),
      keepLocks: (slots) =>
        startLockKeeper(project.broker, {
          thread: options.lockThread,
          slots,
          lockMs: LOCK_MS,
          parentPid: line.ppid,
          reportTo: OVERRUN_DESCRIPTOR,
        }),
    });
  } catch (error) {
    if (!(error instanceof JobQueueError)) throw error;
    tell({
      kind: 'refused',
      code: error.code,
      message: error.message,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    });
    return;
  }
  const { slotsByQueue, types } = runtime;
  tell({ kind: 'ready', slotsByQueue: { ...slotsByQueue }, types: [...types] });
  const { putBack } = await runtime.stopped;
  tell({ kind: 'stopped', putBack });
}
