/**
 * What it costs to be watched: `npm run bench:top`. Fills a Redis of its own with 200 queues, 1,000,000 jobs, and what 40
 * workers wrote down in five minutes; keeps writing as they would; and measures the real program on a real terminal of
 * 160x45 at one refresh a second. The figures of Redis are without what the writing itself costs.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { BUCKET_MS, bucketOf, emptyFigures, type Figures, writeFigures } from '../../src/broker/figures.ts';
import { createKeys } from '../../src/broker/keys.ts';
import { BEAT_MS, writeBeat } from '../../src/broker/worker-records.ts';
import { addTo, binOf } from '../../src/lib/histogram.ts';
import { fill } from './dead-letters/fill.ts';
import { type Bench, runBench } from './helpers/bench.ts';
import type { Row } from './helpers/row.ts';
import { cpuMs } from './helpers/cpu.ts';
import { PROGRAM, redisCpuMs, startServer } from './helpers/server.ts';

const TYPES = ['send-email', 'report'];

interface Cost {
  redisMs: number;
  commandMs: number;
  refreshes: number;
}

export const top: Bench<{
  queues: number;
  jobs: number;
  dead: number;
  workers: number;
  seconds: number;
  'warm-up': number;
}> = {
  name: 'top',
  // The first refresh reads five minutes, and the engine compiles what is often run.
  full: { queues: 200, jobs: 1_000_000, dead: 20_000, workers: 40, seconds: 20, 'warm-up': 15 },
  short: { queues: 5, jobs: 1000, dead: 100, workers: 2, seconds: 1.5, 'warm-up': 1 },
  async measure({ queues: queueCount, jobs, dead, workers, seconds, 'warm-up': warmUp }) {
    const queues = Array.from({ length: queueCount }, (_, index) => `queue-${index}`);
    const { folder, client, env, stop } = await startServer(false);
    const broker = { keys: createKeys('bull'), clock: { now: Date.now, start: async () => {}, stop: () => {} } };
    const rows: Row[] = [];
    const report = (figure: string, value: number, unit: string, target?: number): number =>
      rows.push({ figure, unit, ours: [value], ...(target !== undefined && { target: { atMost: target } }) });

    const send = (commands: (string | number)[][]): Promise<unknown> => {
      const pipeline = client.pipeline();
      for (const [command, ...args] of commands) pipeline.call(String(command), ...args);
      return pipeline.exec();
    };

    async function writePast(): Promise<void> {
      for (let back = 30; back > 0; back -= 1) {
        const start = bucketOf(Date.now()) - back * BUCKET_MS;
        await send(queues.flatMap((queue) => writeFigures(broker, queue, start, figures(100))));
      }
    }

    async function beat(): Promise<void> {
      const beats = Array.from({ length: workers }, (_, index) =>
        writeBeat(broker, {
          id: `host-${index % 8}/${1000 + index}`,
          host: `host-${index % 8}`,
          pid: 1000 + index,
          slotsByQueue: Object.fromEntries(queues.map((queue) => [queue, 5])),
          busy: 17,
          rssBytes: 2e8,
          loopDelayMs: 2,
          startedAt: 1e12,
          beatAt: Date.now(),
          state: 'running',
          tally: { completed: 1e6, failed: 1e3, lately: { ms: 60_000, completed: 1200, failed: 60 } },
        }),
      );
      const start = bucketOf(Date.now());
      await send([...beats, ...queues.flatMap((queue) => writeFigures(broker, queue, start, figures(20)))]);
    }

    /** What the main thread of Redis spent on commands, by its own account. */
    async function commandMs(): Promise<number> {
      const lines = (await client.info('commandstats')).matchAll(/usec=(\d+)/g);
      return [...lines].reduce((sum, [, usec]) => sum + Number(usec) / 1000, 0);
    }

    /** Each asks once for the names of the queues. */
    const refreshes = async (): Promise<number> =>
      Number(/cmdstat_smembers:calls=(\d+)/.exec(await client.info('commandstats'))?.[1] ?? 0);

    async function during(ms: number): Promise<Cost> {
      const before = [await redisCpuMs(client), await commandMs(), await refreshes()] as const;
      await sleep(ms);
      const after = [await redisCpuMs(client), await commandMs(), await refreshes()] as const;
      return { redisMs: after[0] - before[0], commandMs: after[1] - before[1], refreshes: after[2] - before[2] };
    }

    /** A program on a terminal that somebody else reads, until a key ends it. @returns its pid, and how to end it */
    async function startOnTerminal(program: string): Promise<{ pid: number; stop(): Promise<void> }> {
      const pidFile = path.join(folder, 'pid');
      fs.rmSync(pidFile, { force: true });
      const command = `stty cols 160 rows 45; sh -c 'echo $$ > ${pidFile}; exec ${process.execPath} ${program}'`;
      const script = spawn('script', ['-qfec', command, '/dev/null'], {
        cwd: folder,
        env: { ...env, TERM: 'xterm-256color', NODE_ENV: 'production' },
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      const exit = once(script, 'exit');
      let seen = '';
      await new Promise<void>((resolve, reject) => {
        script.stdout.on('data', (chunk) => {
          seen = (seen + String(chunk)).slice(-100_000);
          if (seen.includes('live 1s')) resolve();
        });
        void exit.then(() => reject(new Error(seen)));
      });
      return {
        pid: Number(fs.readFileSync(pidFile, 'utf8')),
        async stop() {
          script.stdin.write('q');
          await exit;
        },
      };
    }

    async function bareMemoryMb(): Promise<number> {
      const bare = await startOnTerminal(path.resolve(import.meta.dirname, 'helpers/empty-ink.ts'));
      await sleep(warmUp * 100);
      const memory = memoryMb(bare.pid);
      await bare.stop();
      return memory;
    }

    async function watch(what: string, idle: Cost, bareMb: number): Promise<void> {
      const top = await startOnTerminal(`${PROGRAM} top`);
      // The first refresh reads five minutes, and the engine compiles what is often run.
      await sleep(warmUp * 1000);
      const cpu = cpuMs(top.pid);
      const cost = await during(seconds * 1000);
      const own = (cpuMs(top.pid) - cpu) / (seconds * 10);
      const memory = memoryMb(top.pid);
      await top.stop();
      const each = (pick: 'redisMs' | 'commandMs'): number => (cost[pick] - idle[pick]) / cost.refreshes;
      report(`${what}: processor time of Redis, a refresh`, each('redisMs'), 'ms', 50);
      report(`${what}: of that in commands, by its own account`, each('commandMs'), 'ms');
      report(`${what}: jq top, of one core`, own, '%', 5);
      const figure = `${what}: jq top, memory`;
      rows.push({ figure, unit: 'MB', ours: [memory], bare: { name: 'Ink, empty', values: [bareMb] } });
    }

    try {
      await fill(client, { waiting: jobs * 0.9, delayed: jobs * 0.1, dead: dead }, 0, queues);
      await client.sadd(broker.keys.queues, ...queues);
      await writePast();
      await beat();
      const beating = setInterval(() => void beat(), BEAT_MS);
      const idle = await during(seconds * 1000);
      await client.set(broker.keys.queuesSearched, 1);
      const bareMb = await bareMemoryMb();
      await watch('all queues known', idle, bareMb);
      await client.del(broker.keys.queuesSearched, broker.keys.queuesCursor);
      await watch('while it looks for queues', idle, bareMb);
      clearInterval(beating);
      return rows;
    } finally {
      await stop();
    }
  },
};

/** What one queue's workers wrote in so much of a bucket: run times between 20 ms and 1 s, a failure in fifty. */
function figures(attempts: number): Map<string, Figures> {
  return new Map(
    TYPES.map((type) => {
      const some = emptyFigures();
      for (let index = 0; index < attempts; index += 1) {
        if (index % 50 === 0) some.failed += 1;
        else some.ok += 1;
        addTo(some.run, binOf(20 * 50 ** Math.random()));
        addTo(some.wait, binOf(2 * 500 ** Math.random()));
      }
      return [type, some];
    }),
  );
}

const memoryMb = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

await runBench(top, import.meta.main);
