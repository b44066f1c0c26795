import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { openLocalRedis } from '../../../src/broker/local-redis/open-local-redis.ts';
import { PROGRAM } from './server.ts';

/** What ours are held against. */
export const BARE = 'bare BullMQ worker';

/** Our workers and the least that works through a queue with BullMQ, to take turns on one Redis. */
export async function openWorkers(slots: number) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'jobqueue-bench-'));
  fs.mkdirSync(path.join(folder, 'handlers'));
  fs.copyFileSync(path.join(import.meta.dirname, 'noop.ts'), path.join(folder, 'handlers/noop.ts'));
  const redis = await openLocalRedis(folder, process.env, 1);
  const queue = new Queue('default', { connection: { path: redis.socketPath } });
  const client = new Redis(redis.socketPath);

  const jq = [PROGRAM, 'work', '--queues', 'default', '--concurrency', `${slots}`, '--log-level', 'error'];
  const sides: Record<string, string[]> = {
    [BARE]: [path.join(import.meta.dirname, 'bare-worker.ts'), redis.socketPath, `${slots}`],
    'jq work': jq,
    'jq work --inline': [...jq, '--inline'],
  };
  return {
    queue,
    client,
    sides,
    start: (args: readonly string[]): ChildProcess =>
      spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'ignore', 'ignore'] }),
    async end(worker: ChildProcess): Promise<void> {
      worker.kill('SIGTERM');
      await once(worker, 'exit');
    },
    async close(): Promise<void> {
      await queue.close();
      client.disconnect();
      redis.release();
      fs.rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
    },
  };
}
