import fs from 'node:fs';
import path from 'node:path';
import { findRedisServer } from '../../src/broker/local-redis/find-server.ts';
import { pingRedis } from '../../src/broker/local-redis/ping.ts';
import { openQuickRedis } from '../../src/broker/quick-redis.ts';
import type { Argument, Reply } from '../../src/broker/redis.ts';
import { parseTarget } from '../../src/broker/target.ts';
import { sleep } from '../../src/lib/clock.ts';
import { type StartedProcess, startProcess } from './processes.ts';

/** The Redis of a run, on a unix socket, with every write on disk before it is answered. It can be killed and started again. */
export class RedisServer {
  readonly socketPath: string;
  readonly url: string;
  /** Where its data is. */
  readonly folder: string;
  readonly #log: string;
  #process: StartedProcess | undefined;

  /** @param folder of the run; the data goes into a folder `redis` below it */
  constructor(folder: string) {
    this.folder = path.join(folder, 'redis');
    fs.mkdirSync(this.folder, { recursive: true });
    this.socketPath = path.join(folder, 'redis.sock');
    this.url = `unix://${this.socketPath}`;
    this.#log = path.join(folder, 'redis.log');
  }

  hasEnded(): boolean {
    return this.#process?.hasEnded() ?? true;
  }

  /** @param settings besides those that it always has */
  async start(settings: Readonly<Record<string, string>> = {}): Promise<void> {
    const all = {
      dir: this.folder,
      unixsocket: this.socketPath,
      port: '0',
      save: '',
      appendonly: 'yes',
      appendfsync: 'always',
      ...settings,
    };
    const words = Object.entries(all).flatMap(([name, value]) => [`--${name}`, value]);
    const started = startProcess([...findRedisServer(process.env).command, ...words], {
      env: process.env,
      logFile: this.#log,
    });
    this.#process = started;
    while ((await pingRedis(this.socketPath)) !== 'ready') {
      if (started.hasEnded()) throw new Error(`redis-server did not start:\n${fs.readFileSync(this.#log, 'utf8')}`);
      await sleep(3);
    }
  }

  /** Ends it by SIGKILL; its data stays on disk. */
  async kill(): Promise<void> {
    await this.#process?.kill();
  }

  /** How many commands its append-only file holds, give or take those whose values look like one. */
  countWrites(): number {
    const folder = path.join(this.folder, 'appendonlydir');
    const files = fs.readdirSync(folder).filter((name) => name.endsWith('.aof'));
    const text = files.map((name) => fs.readFileSync(path.join(folder, name), 'latin1')).join('');
    return text.match(/^\*\d+\r$/gm)?.length ?? 1;
  }

  /** One command, over a connection of its own that no proxy touches. @throws when Redis is away or says no */
  async call(command: string, ...args: Argument[]): Promise<Reply> {
    const redis = await openQuickRedis(parseTarget(this.url, 'the run'));
    try {
      return await redis.call(command, ...args);
    } finally {
      await redis.close();
    }
  }
}
