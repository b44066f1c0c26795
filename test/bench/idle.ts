/**
 * What it costs to wait: `npm run bench:idle`. Memory of `jq work`, `jq serve` and `jq top` after their start, and what each
 * asks of an idle Redis.
 */
import fs from 'node:fs';
import path from 'node:path';
import { type Bench, runBench } from './helpers/bench.ts';
import type { Row } from './helpers/row.ts';
import { cpuMs } from './helpers/cpu.ts';
import { rssMb } from './helpers/memory.ts';
import { startServer } from './helpers/server.ts';
import { startProgram } from './helpers/start-program.ts';

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export const idle: Bench<{ seconds: number; settle: number }> = {
  name: 'idle',
  // What start-up asks for is over after `settle` seconds.
  full: { seconds: 20, settle: 8 },
  short: { seconds: 0.5, settle: 0.2 },
  async measure({ seconds, settle }) {
    const { folder, client, env, stop } = await startServer(false);
    fs.mkdirSync(path.join(folder, 'handlers'));
    fs.copyFileSync(path.join(import.meta.dirname, 'helpers/noop.ts'), path.join(folder, 'handlers/noop.ts'));
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
        const { pid, end } = await startProgram(args, { folder, env });
        await measureIdle(name, pid);
        await end();
      }
      return rows;
    } finally {
      await stop();
    }
  },
};

await runBench(idle, import.meta.main);
