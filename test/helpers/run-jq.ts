import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';
import { inject, onTestFinished } from 'vitest';

export interface RunOptions {
  cwd?: string;
  /** On top of an environment that holds nothing of ours. */
  env?: Record<string, string>;
  /** What comes in on stdin, which ends after it; on a terminal it is typed, and does not end. */
  input?: string;
  /** Another program than the bundle, one that needs no Node. */
  executable?: string;
  /** On a real terminal of 100 columns: stdout then holds all that it shows, as plain text. */
  terminal?: boolean;
  /** When it is killed, whatever it does: none outlives its test by much. */
  lifeMs?: number;
}

export interface FinishedJq {
  code: number;
  stdout: string;
  stderr: string;
}

export interface RunningJq {
  readonly child: ChildProcess;
  /** Everything it has said so far, on both streams. */
  said(): string;
  /** Waits until it says something; fails with what it said when it ends before. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  readonly finished: Promise<FinishedJq>;
}

/** Whether util-linux' `script` can give a program a terminal here. */
export const HAS_TERMINAL: boolean =
  spawnSync('script', ['-qfec', 'test -t 1', '/dev/null'], { input: '', timeout: 5000 }).status === 0;

/** Runs the built program to its end. */
export function runJq(args: readonly string[], options: RunOptions = {}): Promise<FinishedJq> {
  return launch(args, { input: '', ...options }).finished;
}

/** Starts the built program, which is killed at the end of the test if it still runs. Without `input`, stdin stays open. */
export function startJq(args: readonly string[], options: RunOptions = {}): RunningJq {
  const running = launch(args, options);
  onTestFinished(() => void running.child.kill('SIGKILL'));
  return running;
}

function launch(args: readonly string[], options: RunOptions): RunningJq {
  const own = options.executable === undefined ? [process.execPath, inject('program')] : [options.executable];
  const words = [...own, ...args];
  const [program = '', ...rest] = options.terminal ? onTerminal(words) : words;
  const child = spawn(program, rest, {
    cwd: options.cwd,
    env: { ...BARE_ENVIRONMENT, ...options.env },
    timeout: options.lifeMs ?? 120_000,
    killSignal: 'SIGKILL',
  });
  const said = { stdout: '', stderr: '' };
  const watchers = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      said[name] += chunk;
      watchers.forEach((watch) => watch());
    });
  }
  // A program that ends before it has read its input is not at fault.
  child.stdin.on('error', () => {});
  if (options.input !== undefined) child.stdin.write(options.input);
  if (options.input !== undefined && !options.terminal) child.stdin.end();

  const text = (name: 'stdout' | 'stderr') => (options.terminal ? plain(said[name]) : said[name]);
  const finished = new Promise<FinishedJq>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      resolve({ code: code ?? (signal === 'SIGKILL' ? 137 : 1), stdout: text('stdout'), stderr: text('stderr') });
      watchers.forEach((watch) => watch());
    });
  });
  return {
    child,
    said: () => text('stdout') + text('stderr'),
    finished,
    says: (pattern) =>
      new Promise((resolve, reject) => {
        const watch = () => {
          const found = pattern.exec(text('stdout') + text('stderr'));
          if (found) resolve(found);
          else if (child.exitCode !== null || child.signalCode !== null) {
            reject(new Error(`It ended without ${String(pattern)}:\n${text('stdout')}${text('stderr')}`));
          } else return;
          watchers.delete(watch);
        };
        watchers.add(watch);
        watch();
      }),
  };
}

const BARE_ENVIRONMENT = Object.fromEntries(
  ['PATH', 'HOME', 'TMPDIR', 'USER', 'LANG'].flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
);

/** `script` gives the command a terminal of its own. */
const onTerminal = (words: readonly string[]): string[] => [
  'script',
  '-qfec',
  `stty cols 100 rows 30; exec ${words.map((word) => `'${word.replace(/'/g, `'\\''`)}'`).join(' ')}`,
  '/dev/null',
];

const plain = (text: string): string => stripVTControlCharacters(text).replace(/\r/g, '');
