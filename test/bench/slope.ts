/**
 * Whether memory grows with the jobs that were done: `npm run bench:slope`. Each job comes in by a request to `jq serve`, is run
 * by `jq work`, and passes while `jq top` looks on.
 */
import fs from 'node:fs';
import path from 'node:path';
import { type Bench, runBench } from './helpers/bench.ts';
import { rssMb } from './helpers/memory.ts';
import { postMany } from './helpers/post.ts';
import type { Row } from './helpers/row.ts';
import { startServer } from './helpers/server.ts';
import { startProgram } from './helpers/start-program.ts';

const PROGRAMS: Record<string, string[]> = {
  work: ['work', '--queues', 'default', '--concurrency', '50', '--log-level', 'error'],
  serve: ['serve', '--port', '0', '--log-level', 'error'],
  top: ['top'],
};
const BODY = JSON.stringify({ type: 'noop', payload: { to: 'ada@example.com' } });

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export const slope: Bench<{ jobs: number; settle: number }> = {
  name: 'slope',
  full: { jobs: 1_000_000, settle: 5 },
  short: { jobs: 1000, settle: 0.2 },
  async measure({ jobs, settle }) {
    const { folder, client, env, stop } = await startServer(false);
    fs.mkdirSync(path.join(folder, 'handlers'));
    fs.copyFileSync(path.join(import.meta.dirname, 'helpers/noop.ts'), path.join(folder, 'handlers/noop.ts'));
    const running = new Map<string, Awaited<ReturnType<typeof startProgram>>>();
    const seen: Record<string, number>[] = [];
    async function look(): Promise<void> {
      await sleep(settle * 1000);
      seen.push(Object.fromEntries([...running].map(([name, { pid }]) => [name, rssMb(pid)])));
    }
    const left = async (): Promise<number> =>
      (await client.llen('bull:default:wait')) + (await client.llen('bull:default:active'));
    try {
      for (const [name, args] of Object.entries(PROGRAMS)) running.set(name, await startProgram(args, { folder, env }));
      const port = Number(/http:\/\/[\d.]+:(\d+)/.exec(running.get('serve')!.said)![1]);
      await look();
      for (let half = 0; half < 2; half += 1) {
        await postMany(port, BODY, jobs / 2);
        while ((await left()) > 0) await sleep(20);
        await look();
      }
      for (const { end } of running.values()) await end();
    } finally {
      await stop();
    }
    const [fresh, halfWay, after] = seen as [Record<string, number>, Record<string, number>, Record<string, number>];
    const row = (figure: string, value: number): Row => ({ figure, unit: 'MB', ours: [value] });
    return Object.keys(PROGRAMS).flatMap((name) => [
      row(`jq ${name}: memory after its start`, fresh[name]!),
      row(`jq ${name}: memory after ${(jobs / 2).toLocaleString('en-US')} jobs`, halfWay[name]!),
      row(`jq ${name}: memory after ${jobs.toLocaleString('en-US')} jobs`, after[name]!),
      {
        ...row(
          `jq ${name}: growth over the second half, in 100,000 jobs`,
          ((after[name]! - halfWay[name]!) / jobs) * 2e5,
        ),
        target: { atMost: 2 },
      },
    ]);
  },
};

await runBench(slope, import.meta.main);
