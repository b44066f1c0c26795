import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');
const PROGRAM = path.join(ROOT, 'dist/jq.cjs');

/** A project in a folder of its own, for as long as the demo takes. */
export interface Stage {
  folder: string;
  /** Runs one command to its end. @throws Error when it ends with another code than expected (0) */
  jq(args: string[], expected?: { code: number }): Promise<{ stdout: string; stderr: string }>;
  /** Starts a program that stays, and waits until it has printed `ready`. */
  start(args: string[], ready: RegExp): Promise<Running>;
  /** Whether a process of the stage's own Redis is still there. */
  redisRuns(): boolean;
  close(): Promise<void>;
}

export interface Running {
  seen(): string;
  /** Asks it to end. @returns its exit code */
  end(): Promise<number | null>;
}

/** The example configuration and handlers, with more queues, run from an empty folder with a local Redis. */
export async function openStage(extraEnv: Record<string, string>, moreQueues: readonly string[] = []): Promise<Stage> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'jobqueue-demo-'));
  const config = [
    `import example from ${JSON.stringify(path.join(ROOT, 'jobqueue.config.ts'))};`,
    `const handlers = ${JSON.stringify(path.join(ROOT, 'handlers'))};`,
    `const more = ${JSON.stringify(Object.fromEntries(moreQueues.map((name) => [name, {}])))};`,
    `export default { ...example, handlers, queues: { ...example.queues, ...more } };`,
  ];
  fs.writeFileSync(path.join(folder, 'jobqueue.config.ts'), config.join('\n'));
  const options = { cwd: folder, env: environment(extraEnv) };
  const running: ChildProcess[] = [];

  const launch = (args: string[]) => {
    const child = spawn(process.execPath, [PROGRAM, ...args], { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    running.push(child);
    const output = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk) => (output.stdout += String(chunk)));
    child.stderr.on('data', (chunk) => (output.stderr += String(chunk)));
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    return { child, output, ended };
  };

  return {
    folder,
    async jq(args, { code: expected } = { code: 0 }) {
      const { output, ended } = launch(args);
      const code = await ended;
      if (code === expected) return output;
      throw new Error(
        `jq ${args.join(' ')} ended with ${code}, expected ${expected}\n${output.stdout}${output.stderr}`,
      );
    },
    async start(args, ready) {
      const { child, output, ended } = launch(args);
      const seen = () => output.stdout + output.stderr;
      await new Promise<void>((resolve, reject) => {
        const look = () => ready.test(seen()) && resolve();
        child.stdout.on('data', look);
        child.stderr.on('data', look);
        void ended.then((code) => reject(new Error(`jq ${args.join(' ')} ended with ${code}\n${seen()}`)));
      });
      return {
        seen,
        end: () => {
          child.kill('SIGTERM');
          return ended;
        },
      };
    },
    redisRuns: () => redisKeeper(folder) !== undefined,
    async close() {
      for (const child of running) if (child.exitCode === null) child.kill('SIGKILL');
      // The local Redis ends by itself, seconds after its last user.
      const deadline = performance.now() + 20_000;
      while (redisKeeper(folder) !== undefined && performance.now() < deadline)
        await new Promise((resolve) => setTimeout(resolve, 100));
      fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** As on a machine where nothing is set up: no Redis is named, no mail server, no colours. */
function environment(extra: Record<string, string>): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(JQ_|REDIS_|SMTP_|OUTBOX|REPORTS|NODE_ENV|PAYMENT_)/.test(name),
  );
  return { ...Object.fromEntries(inherited), NO_COLOR: '1', ...extra };
}

/** The process that keeps the local Redis. */
function redisKeeper(folder: string): number | undefined {
  try {
    const pid = Number(fs.readFileSync(path.join(folder, '.jobqueue/keeper.pid'), 'utf8'));
    process.kill(pid, 0);
    return pid;
  } catch {
    return undefined;
  }
}
