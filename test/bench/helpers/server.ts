import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { findRedisServer } from '../../../src/broker/local-redis/find-server.ts';

/** A Redis of its own, in a folder of its own, for what is filled with much: its settings are given, and it is thrown away. */
export async function startServer(appendOnly: boolean) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'jobqueue-bench-'));
  const socket = path.join(folder, 'redis.sock');
  const [server, ...words] = findRedisServer(process.env).command;
  const settings = {
    port: '0',
    unixsocket: socket,
    dir: folder,
    save: '',
    appendonly: appendOnly ? 'yes' : 'no',
    'auto-aof-rewrite-percentage': '0',
  };
  const redis = spawn(
    server,
    [...words, ...Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value])],
    {
      stdio: 'ignore',
    },
  );
  const client = new Redis(socket, { retryStrategy: () => 20, maxRetriesPerRequest: null });
  client.on('error', () => {});
  await client.ping();
  const { PATH, HOME } = process.env;
  return {
    folder,
    socket,
    client,
    /** What a program of ours is started with, to use it. */
    env: { PATH, HOME, JQ_REDIS_URL: `unix://${socket}` },
    async stop(): Promise<void> {
      client.disconnect();
      redis.kill('SIGKILL');
      await once(redis, 'exit');
      fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Processor time that this Redis has used, by its own account. */
export async function redisCpuMs(client: Redis): Promise<number> {
  const info = await client.info('cpu');
  const read = (name: string) => Number(new RegExp(`^used_cpu_${name}:([\\d.]+)`, 'm').exec(info)![1]) * 1000;
  return read('user') + read('sys');
}

/** The built program. */
export const PROGRAM = path.resolve(import.meta.dirname, '../../../dist/jq.cjs');
