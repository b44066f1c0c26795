import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { uuidV7 } from '../../lib/uuid.ts';

/** The variable in a program's environment by which it is found, with all that it started. */
export const MARK = 'JQ_RUN';

// Process groups alone miss what put itself into another one, as `timeout 10 curl …` in a shell script does. The kernel
// shows to whom a process belongs what it was started with, in /proc; a system without that has groups only.
const KILL_MARKED = `
kill_marked() {
  for round in 1 2 3 4 5 6 7 8 9 10; do
    found=$(grep -lsF "${MARK}=$1" /proc/[0-9]*/environ)
    [ -n "$found" ] || return 0
    for each in $found; do
      pid=\${each#/proc/}
      pid=\${pid%/environ}
      kill -KILL "-$pid" "$pid"
    done
    sleep 0.1
  done
} 2>/dev/null
`;

// It reads until nobody holds the other end, however that came to be. The second look is for a program that was being
// started at that very moment, and did not bear its mark yet.
const GUARD = `# jobqueue: ends the executables of a worker process that has ended
trap '' HUP INT TERM
${KILL_MARKED}
read -r line
kill_marked "$1"
exec 3>&-
sleep 0.3
kill_marked "$1"
rm -rf "$2"*
`;

type Environment = Readonly<Record<string, string>>;

let guard: ChildProcess | undefined;
let mark = '';
let runs = 0;
let heldDescriptor: number | undefined;

/**
 * From now on the guard holds this descriptor of ours, too, until it has done its work: who waits for its other end when
 * this process ends, waits until nothing runs any more that it started.
 */
export function letGuardHold(descriptor: number): void {
  heldDescriptor = descriptor;
}

/**
 * A mark for the next run of a program. From then on a guard watches this process, a shell that only waits: when this
 * process ends, and be it by SIGKILL, the guard kills all that bears one of its marks.
 * @throws when there is no shell
 */
export function markRun(env: Environment): string {
  mark ||= uuidV7();
  guard ??= startGuard(env);
  runs += 1;
  return `${mark}.${runs}.`;
}

/** Where a run may have files while it begins. The guard removes those that this process could not. */
export const scratchFolder = (run: string): string => path.join(os.tmpdir(), `jobqueue-run-${run}`);

function startGuard(env: Environment): ChildProcess {
  const stdio = ['pipe', 'ignore', 'ignore', heldDescriptor ?? 'ignore'] as const;
  const child = spawnShell(GUARD, ['jobqueue-guard', mark, scratchFolder(`${mark}.`)], env, [...stdio]);
  const forget = (): void => void (guard = undefined);
  child.once('error', forget).once('exit', forget);
  if (child.pid === undefined) throw new Error('Executables need a POSIX system with /bin/sh');
  // It lasts as long as this process, but is no reason for that to last.
  child.unref();
  (child.stdin as Socket).on('error', () => {}).unref();
  return child;
}

/** Kills all that bears the mark of a run, and resolves when nothing of it is left. */
export async function killMarked(run: string, env: Environment): Promise<void> {
  const shell = spawnShell(`${KILL_MARKED}\nkill_marked "$1"`, ['jobqueue-kill', run], env, 'ignore');
  await once(shell, 'exit').catch(() => {});
}

/** In a session of its own: what a terminal says to this process is not for it. */
const spawnShell = (script: string, words: readonly string[], { PATH }: Environment, stdio: StdioOptions) =>
  spawn('/bin/sh', ['-c', script, ...words], { cwd: '/', env: { PATH }, detached: true, stdio });
