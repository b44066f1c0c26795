import { sleep } from '../../src/lib/clock.ts';
import { type StartedProcess, startProcess } from './processes.ts';

const RESTART_MS = 200;

/**
 * A `jq work` or `jq serve` that is started again whenever it ends unasked, as a service manager would. It owns that process; `stop` and
 * `kill` end the keeping too, and `start` takes it up again.
 */
export class KeptProgram {
  readonly #launch: () => StartedProcess;
  #process: StartedProcess;
  #isKept = true;

  constructor(command: readonly string[], options: { env: NodeJS.ProcessEnv; cwd: string; logFile: string }) {
    this.#launch = () => startProcess(command, options);
    this.#process = this.#launchKept();
  }

  /** The process that was started, which need not be the one that runs handlers. */
  get pid(): number {
    return this.#process.pid;
  }

  /** Asks it to end. @returns its exit code, or null when it was killed or did not end in time and was killed then */
  async stop(withinMs: number): Promise<number | null> {
    this.#isKept = false;
    const ending = this.#process;
    ending.signal('SIGTERM');
    const enough = new AbortController();
    const code = await Promise.race([ending.ended, sleep(withinMs, enough.signal).then(() => 'late' as const)]);
    enough.abort();
    if (code !== 'late') return code;
    await ending.kill();
    return null;
  }

  /** Ends its first process by SIGKILL. */
  async kill(): Promise<void> {
    this.#isKept = false;
    await this.#process.kill();
  }

  /** Starts it when it was stopped or killed. */
  start(): void {
    if (this.#isKept) return;
    this.#isKept = true;
    this.#process = this.#launchKept();
  }

  #launchKept(): StartedProcess {
    const launched = this.#launch();
    void launched.ended
      .then(() => sleep(RESTART_MS))
      .then(() => {
        if (this.#isKept && this.#process === launched) this.#process = this.#launchKept();
      });
    return launched;
  }
}
