import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { addJobs } from '../../../src/broker/add-jobs.ts';
import { createKeys } from '../../../src/broker/keys.ts';
import { openLastingRedis } from '../../../src/broker/lasting-redis.ts';
import type { NewJob } from '../../../src/broker/new-job.ts';
import { parseTarget } from '../../../src/broker/target.ts';
import { uuidV7 } from '../../../src/lib/uuid.ts';
import { newJob } from '../../helpers/new-job.ts';
import { PROGRAM, redisCpuMs, startServer } from '../helpers/server.ts';

/** A Redis that persists as the local one does, the built program beside it, and a handler that does nothing. */
export type Place = Awaited<ReturnType<typeof openPlace>>;

/** What happened while so many jobs were taken. */
export interface Passed {
  jobsPerSecond: number;
  /** Of one core. */
  redisShare: number;
  commandsPerSecond: number;
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Of what we ask ourselves, nothing counts. */
const OWN_COMMANDS = new Set(['info', 'llen', 'ping']);
const LOOK_EVERY_MS = 10;

export async function openPlace() {
  const { folder, socket, client, env, stop } = await startServer(true);
  fs.mkdirSync(path.join(folder, 'handlers'));
  fs.copyFileSync(path.join(import.meta.dirname, '../helpers/noop.ts'), path.join(folder, 'handlers/noop.ts'));
  const target = parseTarget(`unix://${socket}`, 'bench');
  const redis = await openLastingRedis(target, { deadlineMs: 30_000 });
  const keys = createKeys('bull');

  async function waiting(queues: readonly string[]): Promise<number> {
    const pipeline = client.pipeline();
    for (const queue of queues) pipeline.llen(keys.queue(queue, 'wait'));
    return (await pipeline.exec())!.reduce((sum, [, length]) => sum + Number(length), 0);
  }
  async function commands(): Promise<number> {
    const calls = (await client.info('commandstats')).matchAll(/cmdstat_([^:|]+)\S*?:calls=(\d+)/g);
    return [...calls].reduce((sum, [, name, count]) => sum + (OWN_COMMANDS.has(name!) ? 0 : Number(count)), 0);
  }
  const figures = async () => ({ at: performance.now(), redis: await redisCpuMs(client), commands: await commands() });

  return {
    client,
    keys,
    waiting,
    commands,
    /** Stores so many jobs that do nothing, `call` of them at a time. @returns jobs a second */
    async add(amount: number, parts: (index: number) => Partial<NewJob>, call = 500): Promise<number> {
      const began = performance.now();
      for (let done = 0; done < amount; done += call) {
        const jobs = Array.from({ length: Math.min(call, amount - done) }, (_, index) =>
          newJob({
            id: `j_${uuidV7()}`,
            queue: 'default',
            type: 'noop',
            createdAt: Date.now(),
            ...parts(done + index),
          }),
        );
        await addJobs({ redis, keys, target } as never, jobs);
      }
      return (amount * 1000) / (performance.now() - began);
    },
    /** From when no more than `from` jobs of these queues wait, until no more than `to` do. */
    async pass(queues: readonly string[], from: number, to: number): Promise<Passed> {
      const until = async (most: number): Promise<number> => {
        for (;;) {
          const left = await waiting(queues);
          if (left <= most) return left;
          await sleep(LOOK_EVERY_MS);
        }
      };
      const left = await until(from);
      const before = await figures();
      const jobs = left - (await until(to));
      const after = await figures();
      const tookMs = after.at - before.at;
      return {
        jobsPerSecond: (jobs * 1000) / tookMs,
        redisShare: (after.redis - before.redis) / tookMs,
        commandsPerSecond: ((after.commands - before.commands) * 1000) / tookMs,
      };
    },
    /** Runs `jq` until it is ended; `output` is what it has said so far. */
    start(...args: string[]): { pid: number; output(): string; end(): Promise<void> } {
      const stdio = ['ignore', 'pipe', 'pipe'] as const;
      const child: ChildProcess = spawn(process.execPath, [PROGRAM, ...args], { cwd: folder, env, stdio: [...stdio] });
      let said = '';
      for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (chunk) => (said += String(chunk)));
      return {
        pid: child.pid!,
        output: () => said,
        async end() {
          if (child.exitCode !== null) throw new Error(`jq ${args.join(' ')} ended by itself: ${said}`);
          child.kill('SIGTERM');
          await once(child, 'exit');
        },
      };
    },
    async close(): Promise<void> {
      await redis.close();
      await stop();
    },
  };
}
