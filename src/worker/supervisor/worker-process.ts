import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { hostname } from 'node:os';
import readline from 'node:readline';
import type { Readable } from 'node:stream';
import { JobQueueError, type ErrorCode } from '../../errors.ts';
import { sleep } from '../../lib/clock.ts';
import { fulfilsWithin } from '../../lib/fulfils-within.ts';
import type { Ending } from './recover.ts';
import { type FromProcess, OVERRUN_DESCRIPTOR, type ToProcess } from './messages.ts';

const ANSWER_MS = 250;
/** What the guard of its executables may take to end them. */
const GUARD_MS = 2000;

/** How to start a worker process: this very program with the words that make it one. */
export interface WorkerProgram {
  program: string;
  args: readonly string[];
  env: NodeJS.ProcessEnv;
}

/** One process that runs jobs, as its supervisor sees it. */
export interface WorkerProcess {
  /** Resolves when it works. @throws JobQueueError what it refused to start for; Error when it ended */
  readonly ready: Promise<Extract<FromProcess, { kind: 'ready' }>>;
  /** Jobs that run in it now; a process that does not answer is at one at least. */
  busy(): Promise<number>;
  tell(message: ToProcess): void;
  kill(): void;
  /** Resolves when it has ended: in order with what it put back, else with what is to be recovered. */
  readonly ended: Promise<{ putBack: number } | Ending>;
}

export function startWorkerProcess({ program, args, env }: WorkerProgram): WorkerProcess {
  // A group of its own: Ctrl-C in a terminal is for the supervisor, which decides what its processes are told.
  const child: ChildProcess = spawn(program, args, {
    env,
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc', 'pipe'],
  });
  const ready = Promise.withResolvers<Extract<FromProcess, { kind: 'ready' }>>();
  ready.promise.catch(() => {});
  let [holders, queues]: [string[], string[]] = [[], []];
  let stopped: { putBack: number } | undefined;
  let counted = Promise.withResolvers<number>();
  let isKilled = false;
  const overrun: { queue: string; id: string }[] = [];
  readline.createInterface(child.stdio[OVERRUN_DESCRIPTOR] as Readable).on('line', (line) => {
    overrun.push(...(JSON.parse(line) as typeof overrun));
  });
  child.on('message', (message: FromProcess) => {
    if (message.kind === 'holders') ({ holders, queues } = message);
    if (message.kind === 'ready') ready.resolve(message);
    if (message.kind === 'busy') counted.resolve(message.busy);
    if (message.kind === 'stopped') stopped = message;
    if (message.kind === 'refused') {
      ready.reject(new JobQueueError(message.code as ErrorCode, message.message, { hint: message.hint }));
    }
  });
  const ended = new Promise<{ putBack: number } | Ending>((resolve) => {
    child.once('exit', async (code, signal) => {
      // `close` as well, and the end of its line to us: by then its last words have been read, and its executables, whose
      // guard holds a line, have ended. A guard that is held up itself must not keep the jobs from being run.
      await fulfilsWithin(once(child, 'close'), GUARD_MS);
      if (child.connected) await once(child, 'disconnect');
      const how = signal ?? `exit code ${code}`;
      ready.reject(new Error(`A worker process ended before it was ready (${how})`));
      const cause = isKilled ? 'supervisor' : signal === 'SIGKILL' || signal === 'SIGTERM' ? 'killed' : 'broke';
      const worker = `${hostname()}/${child.pid}`;
      const crash: Ending = { worker, how, cause, queues, holders, overrun };
      resolve(stopped ?? crash);
    });
    child.once('error', (error) => {
      ready.reject(error);
      resolve({ worker: `${hostname()}/?`, how: error.message, cause: 'broke', queues: [], holders: [], overrun: [] });
    });
  });
  // One that ends just now does not hear it any more. Its exit tells that, as what it is; an `error` would pass for a crash.
  const tell = (message: ToProcess): void => void (child.connected && child.send(message, () => {}));
  return {
    ready: ready.promise,
    busy() {
      counted = Promise.withResolvers();
      tell({ kind: 'count' });
      return Promise.race([counted.promise, sleep(ANSWER_MS).then(() => 1)]);
    },
    tell,
    kill() {
      isKilled = true;
      child.kill('SIGKILL');
    },
    ended,
  };
}
