import fs from 'node:fs';
import path from 'node:path';
import { findRedisServer } from '../../src/broker/local-redis/find-server.ts';
import { openQuickRedis } from '../../src/broker/quick-redis.ts';
import type { Argument, Reply } from '../../src/broker/redis.ts';
import { parseTarget } from '../../src/broker/target.ts';
import { sleep } from '../../src/lib/clock.ts';
import { type StartedProcess, startProcess } from '../faults/processes.ts';
import { until } from '../faults/until.ts';

/** One redis-server, or Sentinel, of several that work together: on a port, with its data below `folder`. */
export class RedisNode {
  readonly port: number;
  readonly address: string;
  /** That of everybody who asks it anything. */
  password = '';
  readonly #folder: string;
  #process: StartedProcess | undefined;

  constructor(folder: string, port: number) {
    this.port = port;
    this.#folder = path.join(folder, `node-${port}`);
    fs.mkdirSync(this.#folder, { recursive: true });
    this.address = `127.0.0.1:${port}`;
  }

  get url(): string {
    return `redis://${this.password && `:${this.password}@`}${this.address}`;
  }

  get pid(): number {
    return this.#process!.pid;
  }

  /** What it has answered outlasts its process: it is with the system by then. */
  start(settings: Readonly<Record<string, string>> = {}): Promise<void> {
    const all = { save: '', appendonly: 'yes', appendfsync: 'everysec', 'repl-diskless-sync-delay': '0', ...settings };
    return this.#launch(Object.entries(all).flatMap(([name, value]) => [`--${name}`, ...value.split(' ')]));
  }

  startAsSentinel(lines: readonly string[]): Promise<void> {
    const file = path.join(this.#folder, 'sentinel.conf');
    fs.writeFileSync(file, `${lines.join('\n')}\n`);
    return this.#launch(['--sentinel'], [file]);
  }

  async #launch(words: readonly string[], before: readonly string[] = []): Promise<void> {
    const own = ['--port', `${this.port}`, '--dir', this.#folder, '--bind', '127.0.0.1'];
    const logFile = path.join(this.#folder, 'log');
    const command = [...findRedisServer(process.env).command, ...before, ...own, ...words];
    const started = startProcess(command, { env: process.env, logFile });
    this.#process = started;
    while ((await this.call('PING').catch(() => undefined)) !== 'PONG') {
      if (started.hasEnded()) throw new Error(`redis-server did not start:\n${fs.readFileSync(logFile, 'utf8')}`);
      await sleep(5);
    }
  }

  /** Ends it by SIGKILL; its data stays on disk. */
  async kill(): Promise<void> {
    await this.#process?.kill();
  }

  /** SIGSTOP makes it hang: connections stay open, and nothing is answered until SIGCONT. */
  signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    this.#process!.signal(name);
  }

  /** One command, over a connection of its own. @throws when it is away or says no */
  async call(command: string, ...args: Argument[]): Promise<Reply> {
    const redis = await openQuickRedis(parseTarget(this.url, 'test'));
    try {
      return await redis.call(command, ...args);
    } finally {
      await redis.close();
    }
  }

  /** A line of INFO. */
  async info(name: string): Promise<string | undefined> {
    return lineOf((await this.call('INFO').catch(() => '')) as string, name);
  }

  /** A line of CLUSTER INFO. */
  async clusterInfo(name: string): Promise<string | undefined> {
    return lineOf((await this.call('CLUSTER', 'INFO').catch(() => '')) as string, name);
  }
}

const PATIENCE_MS = 40_000;

/** @param what it waits for, in words. @throws Error when that does not come about */
export async function untilSo(holds: () => Promise<boolean>, what: string): Promise<void> {
  if (!(await until(holds, PATIENCE_MS))) throw new Error(`Waited in vain until ${what}`);
}

const lineOf = (text: string, name: string): string | undefined => new RegExp(`^${name}:(.*)\\r$`, 'm').exec(text)?.[1];
