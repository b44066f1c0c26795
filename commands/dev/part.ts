import { type ChildProcess, spawn } from 'node:child_process';
import readline from 'node:readline';
import { monotonicMs, sleep } from '../../src/lib/clock.ts';
import { renderApproximateDuration } from '../../src/lib/duration.ts';
import type { OwnCommand } from '../framework/own-command.ts';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;
/** Who lived that long is not in a loop of dying. */
const HEALTHY_MS = 10_000;

export interface PartOptions {
  command: OwnCommand;
  /** Whether an old process may end while the new one runs already; a port, for one, cannot be shared. */
  overlaps: boolean;
  onLine(line: string): void;
  /** Told what happens to the process itself. */
  onNotice(notice: string): void;
}

/**
 * A command that `jq dev` keeps running in a process of its own. When it dies by itself it is started again, ever later.
 * A process group of its own keeps the terminal's Ctrl-C from it, so that it gets one signal, ours; a channel tells it
 * when we are gone without a word.
 */
export interface Part {
  start(): void;
  /** Replaces the process by a new one; the old one may finish what it does. */
  restart(): Promise<void>;
  /** Asks all processes to end, and resolves when they have. Again: more urgently. */
  stop(): Promise<void>;
}

export function createPart({ command, overlaps, onLine, onNotice }: PartOptions): Part {
  const ends = new Map<ChildProcess, Promise<void>>();
  let current: ChildProcess | undefined;
  let nextPauseMs = FIRST_PAUSE_MS;
  let waiting = new AbortController();
  let stopped = false;

  function start(): void {
    waiting.abort();
    const startedAt = monotonicMs();
    const child = spawn(command.program, command.args, {
      env: command.env,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: true,
    });
    current = child;
    for (const stream of [child.stdout!, child.stderr!]) readline.createInterface({ input: stream }).on('line', onLine);
    const end = Promise.withResolvers<void>();
    ends.set(child, end.promise);
    const onEnd = (how: string) => {
      ends.delete(child);
      end.resolve();
      if (child === current && !stopped) void startAgain(how, monotonicMs() - startedAt);
    };
    child.once('error', (error) => onEnd(error.message));
    child.once('exit', (code, signal) => onEnd(signal ?? `exit code ${code}`));
  }

  async function startAgain(how: string, livedMs: number): Promise<void> {
    current = undefined;
    const pauseMs = livedMs > HEALTHY_MS ? FIRST_PAUSE_MS : nextPauseMs;
    nextPauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    onNotice(`ended by itself (${how}); again in ${renderApproximateDuration(pauseMs)}`);
    waiting = new AbortController();
    const { signal } = waiting;
    await sleep(pauseMs, signal);
    if (!signal.aborted && !stopped) start();
  }

  return {
    start,
    async restart() {
      const old = current;
      current = undefined;
      nextPauseMs = FIRST_PAUSE_MS;
      old?.kill('SIGTERM');
      if (old && !overlaps) await ends.get(old);
      if (!stopped) start();
    },
    async stop() {
      stopped = true;
      waiting.abort();
      for (const child of ends.keys()) child.kill('SIGTERM');
      await Promise.all(ends.values());
    },
  };
}
