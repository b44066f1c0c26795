import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const PRELOAD = pathToFileURL(path.join(import.meta.dirname, 'clock-preload.ts')).href;

/** The clock of one machine: that of the programs which are started with its environment. It can be set while they run. */
export class SteppedClock {
  readonly environment: Readonly<Record<string, string>>;
  readonly #file: string;

  /** @param file that it may write, and others beside it */
  constructor(file: string) {
    this.#file = file;
    this.environment = { NODE_OPTIONS: `--import=${PRELOAD}`, CLOCK_FILE: file };
    this.set(0);
  }

  /** It is so far ahead of the real one from now on; below 0 it is behind. */
  set(aheadMs: number): void {
    // In one piece: somebody reads it all the time.
    fs.writeFileSync(`${this.#file}.new`, `${aheadMs}`);
    fs.renameSync(`${this.#file}.new`, this.#file);
  }

  /** Those that have gone by it: each process, and whether a thread of its did too. */
  users(): { pid: number; hasThread: boolean }[] {
    const users = `${this.#file}.users`;
    if (!fs.existsSync(users)) return [];
    const lines = fs.readFileSync(users, 'utf8').trimEnd().split('\n');
    const pids = new Set(lines.map((line) => Number(line.split(' ')[0])));
    return [...pids].map((pid) => ({
      pid,
      hasThread: lines.some((line) => line.startsWith(`${pid} `) && !line.endsWith(' 0')),
    }));
  }
}
