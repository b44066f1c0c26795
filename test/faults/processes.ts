import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';

/** A program that a run started. It ends with the run, in whatever way that ends. */
export interface StartedProcess {
  readonly pid: number;
  /** Resolves when it has ended, with its exit code or, by a signal, null. */
  readonly ended: Promise<number | null>;
  hasEnded(): boolean;
  signal(name: NodeJS.Signals): void;
  /** Ends it by SIGKILL and waits until it is gone. Harmless when it is gone already. */
  kill(): Promise<void>;
}

/** @param logFile where both of its output streams are appended to */
export function startProcess(
  command: readonly string[],
  { env, cwd, logFile }: { env?: NodeJS.ProcessEnv; cwd?: string; logFile: string },
): StartedProcess {
  const log = fs.openSync(logFile, 'a');
  const [program, ...words] = command;
  const child = spawn(program!, words, { env, cwd, stdio: ['ignore', log, log] });
  fs.closeSync(log);
  if (child.pid === undefined) throw new Error(`${program} cannot be started`);
  const watcher = startWatcher(child.pid);
  const ended = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => {
      // Before the process id can belong to somebody else.
      watcher.kill('SIGKILL');
      resolve(code);
    });
  });
  return {
    pid: child.pid,
    ended,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    signal: (name) => void child.kill(name),
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Kills the process when this one is gone: the shell's input ends then. */
const startWatcher = (pid: number): ChildProcess =>
  spawn('sh', ['-c', 'read -r line; kill -KILL "$1"', 'watcher', `${pid}`], { stdio: ['pipe', 'ignore', 'ignore'] });

/** Whether this system tells which processes there are, and with what environment. */
export const CAN_FIND_PROCESSES: boolean = fs.existsSync('/proc/self/environ');

/** A process that lives; `parent` is 1, or that of a reaper, when its own is gone. */
export interface FoundProcess {
  pid: number;
  parent: number;
}

/** All living processes whose environment has this line, e.g. `FAULTS_FOLDER=/tmp/x`: also those that lost their parent. */
export function findProcesses(mark: string): FoundProcess[] {
  return fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        if (!fs.readFileSync(`/proc/${name}/environ`, 'latin1').split('\0').includes(mark)) return [];
        const [state, parent] = fs.readFileSync(`/proc/${name}/stat`, 'latin1').split(') ').at(-1)!.split(' ');
        return state === 'Z' || state === 'X' ? [] : [{ pid: Number(name), parent: Number(parent) }];
      } catch {
        // It ended meanwhile, or is somebody else's.
        return [];
      }
    });
}

/** The words that a process was started with; none when it is gone. */
export function commandOf(pid: number): string[] {
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

/** Sends a signal; a process that is gone by now is no fault. */
export function signalProcess(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
