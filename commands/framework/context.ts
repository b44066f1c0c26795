import type { Config } from '../../src/config/load-config.ts';
import type { Flags } from '../../src/config/layers.ts';
import type { Project } from '../../src/jobs/project.ts';
import type { GlobalFlags, OutputFormat } from './global-flags.ts';
import type { Interrupts } from './interrupts.ts';
import { type Paint, painter, wantsColor } from './terminal.ts';

/** What a command line runs in. */
export interface Surroundings {
  cwd: string;
  env: NodeJS.ProcessEnv;
  stdin: NodeJS.ReadStream;
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
}

interface ContextOptions {
  globals: GlobalFlags;
  options: Flags;
  interrupts: Interrupts;
}

/**
 * What a command gets: where to read and print, and the project, opened once and when it is first asked for.
 * stdout carries only the result; everything said on the way goes to stderr.
 */
export class Context {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly interrupts: Interrupts;
  /** Aborts on Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
  readonly globals: GlobalFlags;
  readonly output: OutputFormat;
  /** The result is read by a person, not by a program. */
  readonly forPerson: boolean;
  /** Somebody sits there to answer a question. */
  readonly canAsk: boolean;
  /** Dresses up what goes to stdout. */
  readonly paint: Paint;
  /** Dresses up what goes to stderr. */
  readonly paintNote: Paint;
  /** The rows of the option table that were set by flags. */
  readonly options: Flags;
  #project: Promise<Project> | undefined;

  constructor({ cwd, env, stdin, stdout, stderr }: Surroundings, { globals, options, interrupts }: ContextOptions) {
    this.cwd = cwd;
    this.env = env;
    this.stdin = stdin;
    this.stdout = stdout;
    this.stderr = stderr;
    this.interrupts = interrupts;
    this.signal = interrupts.signal;
    this.globals = globals;
    this.output = globals.output ?? (globals.json ? 'json' : stdout.isTTY ? 'table' : 'tsv');
    this.forPerson = this.output === 'table' && Boolean(stdout.isTTY);
    this.canAsk = Boolean(stdin.isTTY && stderr.isTTY);
    this.paint = painter(wantsColor(globals.color, env, stdout));
    this.paintNote = painter(wantsColor(globals.color, env, stderr));
    this.options = options;
  }

  /** A part of the result. */
  print(text: string): void {
    this.stdout.write(`${text}\n`);
  }

  /** Something said on the way, to people: `--quiet` silences it, and so does JSON, so that stderr holds only the error. */
  note(text: string): void {
    if (!this.globals.quiet && !this.output.startsWith('json')) this.stderr.write(`${text}\n`);
  }

  async loadConfig(): Promise<Config> {
    const { loadConfig } = await import('../../src/config/load-config.ts');
    return loadConfig({ cwd: this.cwd, env: this.env, flags: this.options, file: this.globals.config });
  }

  /**
   * The project and its Redis, opened by the first call and closed when the command ends.
   * @param connection `once` fails fast and does not come back; `lasting` waits and reconnects
   * @throws JobQueueError INVALID_CONFIG, REDIS_UNREACHABLE, REDIS_REFUSED, NO_REDIS
   */
  project(connection: 'once' | 'lasting' = 'once'): Promise<Project> {
    this.#project ??= this.#open(connection);
    return unlessAborted(this.#project, this.signal);
  }

  async #open(connection: 'once' | 'lasting'): Promise<Project> {
    if (/:\/\/[^/@]*:[^/@]+@/.test(String(this.options['redis.url'] ?? ''))) {
      this.note('warning: everyone on this machine can read the password in --redis: set JQ_REDIS_URL instead');
    }
    if (connection === 'lasting') (await import('../../src/lib/heap.ts')).keepNewObjectsYoung();
    const { openProject } = await import('../../src/jobs/project.ts');
    return openProject({
      cwd: this.cwd,
      env: this.env,
      flags: this.options,
      file: this.globals.config,
      connection,
      onNotice: (notice) => this.note(this.paintNote('dim', notice)),
    });
  }

  /** Closes what was opened; safe when nothing was, and when opening failed. */
  async close(): Promise<void> {
    const project = await this.#project?.catch(() => undefined);
    await project?.close();
  }
}

/** Ctrl-C does not wait for a Redis that is slow to answer. */
async function unlessAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort);
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
