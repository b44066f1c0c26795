/**
 * What it costs to wait: `npm run bench:idle`. Memory of `jq work`, `jq serve` and `jq top` after their start, that of the
 * first after many jobs, and what each asks of an idle Redis.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { Queue } from 'bullmq';
import { type Bench, runBench } from './helpers/bench.ts';
import type { Row } from './helpers/row.ts';
import { cpuMs } from './helpers/cpu.ts';
import { rssMb } from './helpers/memory.ts';
import { PROGRAM, startServer } from './helpers/server.ts';

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const STEP = 5000;

export const idle: Bench<{ jobs: number; seconds: number; settle: number }> = {
  name: 'idle',
  // What start-up asks for is over after `settle` seconds.
  full: { jobs: 200_000, seconds: 20, settle: 8 },
  short: { jobs: 1000, seconds: 0.5, settle: 0.2 },
  async measure({ jobs, seconds, settle }) {
    const { folder, socket, client, env, stop } = await startServer(false);
    fs.mkdirSync(path.join(folder, 'handlers'));
    fs.copyFileSync(path.join(import.meta.dirname, 'helpers/noop.ts'), path.join(folder, 'handlers/noop.ts'));
    const queue = new Queue('default', { connection: { path: socket } });
    await queue.waitUntilReady();
    const rows: Row[] = [];
    const report = (figure: string, value: number, unit: string, target?: number): number =>
      rows.push({ figure, unit, ours: [value], ...(target !== undefined && { target: { atMost: target } }) });

    /** How often each command was called, but for INFO, by which this is found out, and for what scripts call. */
    async function commandCalls(): Promise<Map<string, number>> {
      const lines = (await client.info('commandstats')).matchAll(/cmdstat_([^:]+):calls=(\d+)/g);
      return new Map([...lines].map(([, name, calls]) => [name!.replace('|', ' '), Number(calls)]));
    }

    async function measureIdle(name: string, pid: number): Promise<void> {
      await sleep(settle * 1000);
      report(`jq ${name}: memory after its start`, rssMb(pid), 'MB');
      const [before, cpuBefore, began] = [await commandCalls(), cpuMs(pid), performance.now()];
      await sleep(seconds * 1000);
      const [after, cpu, took] = [await commandCalls(), cpuMs(pid) - cpuBefore, performance.now() - began];
      const calls = [...after].flatMap(([command, count]) => {
        const more = count - (before.get(command) ?? 0);
        return command === 'info' || more === 0 ? [] : [[command, more] as const];
      });
      const dearest = calls.toSorted((one, other) => other[1] - one[1]).slice(0, 4);
      const perSecond = (calls.reduce((sum, [, count]) => sum + count, 0) * 1000) / took;
      const which = dearest.map(([command, count]) => `${command} ${count}`).join(', ');
      const limit = name === 'top' ? undefined : 1;
      report(`jq ${name}: commands while idle (${which || 'none'} in ${seconds} s)`, perSecond, '/s', limit);
      report(`jq ${name}: processor while idle, of one core`, (cpu / took) * 100, '%');
    }

    try {
      const children: Record<string, string[]> = {
        work: ['work', '--queues', 'default', '--concurrency', '50', '--log-level', 'error'],
        serve: ['serve', '--port', '0', '--log-level', 'error'],
        top: ['top'],
      };
      for (const [name, args] of Object.entries(children)) {
        const { pid, end } = await start(args, { folder, env });
        await measureIdle(name, pid);
        if (name === 'work') {
          let memory = 0;
          for (const share of [1, 2]) {
            for (let added = 0; added < jobs / 2; added += STEP) {
              const amount = Math.min(STEP, jobs / 2 - added);
              await queue.addBulk(Array.from({ length: amount }, () => ({ name: 'noop', data: {} })));
            }
            while ((await queue.getJobCountByTypes('wait', 'active')) > 0) await sleep(20);
            const now = rssMb(pid);
            report(`jq work: memory after ${((jobs / 2) * share).toLocaleString('en-US')} jobs`, now, 'MB');
            if (share === 2)
              report('jq work: growth over the second half, in 100,000 jobs', ((now - memory) / jobs) * 2e5, 'MB');
            memory = now;
          }
        }
        await end();
      }
      return rows;
    } finally {
      await queue.close();
      await stop();
    }
  },
};

/** On a terminal, which `jq top` needs. @returns its pid, once it has said that it runs */
async function start(
  args: readonly string[],
  { folder, env }: { folder: string; env: NodeJS.ProcessEnv },
): Promise<{ pid: number; end(): Promise<void> }> {
  const pidFile = path.join(folder, 'pid');
  fs.rmSync(pidFile, { force: true });
  const command = `stty cols 160 rows 45; sh -c 'echo $$ > ${pidFile}; exec ${process.execPath} ${PROGRAM} ${args.join(' ')}'`;
  const terminal: ChildProcess = spawn('script', ['-qfec', command, '/dev/null'], {
    cwd: folder,
    env: { ...env, TERM: 'xterm-256color' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exit = once(terminal, 'exit');
  let seen = '';
  await new Promise<void>((resolve, reject) => {
    terminal.stdout!.on('data', (chunk) => {
      seen = (seen + String(chunk)).slice(-100_000);
      if (/Working on|http:\/\/|live 1s/.test(seen)) resolve();
    });
    void exit.then(() => reject(new Error(seen)));
  });
  const pid = Number(fs.readFileSync(pidFile, 'utf8'));
  return {
    pid,
    async end() {
      process.kill(pid, 'SIGTERM');
      await exit;
    },
  };
}

await runBench(idle, import.meta.main);
