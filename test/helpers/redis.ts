import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { inject } from 'vitest';
import { pingRedis } from '../../src/broker/local-redis/ping.ts';
import { sleep } from '../../src/lib/clock.ts';
import { rulesOf } from './acl.ts';
import { freePort } from './free-port.ts';

export interface TestRedisOptions {
  /** More arguments for redis-server; they win over the ones that are always given. */
  args?: readonly string[];
  /** Whether it listens on a free TCP port too. */
  port?: boolean;
}

/**
 * Starts a redis-server with its data in a temporary folder, for one test file, which stops it in `afterAll`. It ends
 * with the test process too, also when that is killed.
 */
export async function startRedis({ args = [], port = false }: TestRedisOptions = {}): Promise<TestRedis> {
  for (;;) {
    const redis = new TestRedis(args, port ? await freePort() : 0);
    try {
      await redis.restart();
      return redis;
    } catch (error) {
      await redis.stop();
      // Another process may take the port between its choice and its use.
      if (!String(error).includes('Address already in use')) throw error;
    }
  }
}

/** What only the tests themselves ask of Redis; they use prefixes of their own. */
const OF_TESTS = [
  '~*',
  '+@admin',
  '+@dangerous',
  '+@connection',
  '+object',
  '+memory',
  '+xlen',
  '+xrange',
  '+append',
  '+strlen',
  '+blpop',
  '+ttl',
  '+script',
  '+hkeys',
  '+smove',
];

export class TestRedis {
  readonly socketPath: string;
  /** `unix://…`, or `redis://127.0.0.1:…` when a port was asked for. */
  readonly url: string;
  readonly #folder = fs.mkdtempSync(path.join(os.tmpdir(), 'jobqueue-redis-'));
  readonly #log = path.join(this.#folder, 'redis.log');
  readonly #arguments: string[];
  #server: ChildProcess | undefined;
  #watcher: ChildProcess | undefined;

  constructor(args: readonly string[], port: number) {
    this.socketPath = path.join(this.#folder, 'redis.sock');
    const socketUrl = pathToFileURL(this.socketPath).href.replace(/^file:/, 'unix:');
    this.url = port === 0 ? socketUrl : `redis://127.0.0.1:${port}`;
    const settings = {
      dir: this.#folder,
      unixsocket: this.socketPath,
      port: `${port}`,
      save: '',
      appendonly: 'yes',
      // The system has each write before its answer goes out; with "everysec" a slow disk puts it off by up to 2 s.
      appendfsync: 'no',
    };
    this.#arguments = [...Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]), ...args];
  }

  /** For signals such as SIGSTOP. It changes with every restart. */
  get pid(): number {
    return this.#server!.pid!;
  }

  /** Ends it and removes its data. Harmless when called twice. */
  async stop(): Promise<void> {
    await this.kill();
    // A child of it that saves may be at its last file.
    fs.rmSync(this.#folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }

  /** Ends it by SIGKILL; its data stays on disk. */
  async kill(): Promise<void> {
    this.#watcher?.kill('SIGKILL');
    if (!this.#server || hasEnded(this.#server)) return;
    const exit = once(this.#server, 'exit');
    this.#server.kill('SIGKILL');
    await exit;
  }

  /** Kills it if it runs, then starts it on the same data, socket and port, and waits until it serves. */
  async restart(args: readonly string[] = []): Promise<void> {
    await this.kill();
    const log = fs.openSync(this.#log, 'w');
    const [program, ...words] = inject('redisServer');
    // The whole suite as one of the users of deploy/redis/users.acl: TEST_REDIS_ROLE=admin npm test. With a file of users Redis takes no others.
    const role = args.includes('--aclfile') ? undefined : process.env.TEST_REDIS_ROLE;
    const user = role ? ['--user', 'default', 'on', 'nopass', ...rulesOf(role).split(' '), ...OF_TESTS] : [];
    const server = spawn(program, [...words, ...this.#arguments, ...user, ...args], { stdio: ['ignore', log, log] });
    fs.closeSync(log);
    this.#server = server;
    // The shell's input ends with this process, in whatever way this ends.
    this.#watcher = spawn('sh', ['-c', 'read -r line; kill -KILL "$1"', 'watcher', `${server.pid}`], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    while ((await pingRedis(this.socketPath)) !== 'ready') {
      if (hasEnded(server)) throw new Error(`redis-server did not start:\n${fs.readFileSync(this.#log, 'utf8')}`);
      await sleep(3);
    }
  }
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null;
