import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Redis } from 'ioredis';
import { vi } from 'vitest';
import { localRedisFolder, socketPath } from '../../src/broker/local-redis/folder.ts';
import { type LocalRedis, openLocalRedis } from '../../src/broker/local-redis/open-local-redis.ts';
import { shutDownRedis } from '../../src/broker/local-redis/ping.ts';
import { isInhabited, isOrphaned } from '../../src/broker/local-redis/presence.ts';

const LINGER_SECONDS = 0.5;
const WITHIN = { timeout: 20_000, interval: 5 };

/** Another process that uses the local Redis. */
export interface User {
  socketPath: string;
  started: boolean;
  /** Ends it as nothing could prevent: by SIGKILL. */
  kill(): Promise<void>;
}

/** A project in a temporary folder, with its local Redis seen from within this process and from others. */
export class LocalRedisProject {
  readonly folder: string;
  readonly #root = fs.mkdtempSync(path.join(os.tmpdir(), 'jobqueue-project-'));
  readonly #opened: LocalRedis[] = [];
  readonly #users: User[] = [];

  /** @param below folders to put it in, for a long path */
  constructor(below = '.') {
    this.folder = path.join(this.#root, below);
    fs.mkdirSync(this.folder, { recursive: true });
  }

  /** A file of the local Redis, e.g. `users.fifo`. */
  file(name: string): string {
    return path.join(this.folder, '.jobqueue', name);
  }

  async open(env: NodeJS.ProcessEnv = {}): Promise<LocalRedis> {
    const local = await openLocalRedis(this.folder, { ...process.env, ...env }, LINGER_SECONDS);
    this.#opened.push(local);
    return local;
  }

  async startUser(env: NodeJS.ProcessEnv = {}): Promise<User> {
    const program = path.join(import.meta.dirname, 'local-redis-user.ts');
    const child = spawn(process.execPath, [program, this.folder, `${LINGER_SECONDS}`], {
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const exit = once(child, 'exit');
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    const kill = async () => {
      child.kill('SIGKILL');
      await exit;
    };
    const user = { ...(JSON.parse(line) as Pick<User, 'socketPath' | 'started'>), kill };
    this.#users.push(user);
    return user;
  }

  get keeperPid(): number {
    return Number(fs.readFileSync(this.file('keeper.pid'), 'utf8'));
  }

  async serverPid(): Promise<number> {
    return Number(/process_id:(\d+)/.exec(await this.redis((redis) => redis.info('server')))?.[1]);
  }

  /** Runs commands over a connection of their own. It does not count as a use. */
  async redis<Result>(run: (redis: Redis) => Promise<Result>): Promise<Result> {
    const redis = new Redis(socketPath(localRedisFolder(this.folder)));
    try {
      return await run(redis);
    } finally {
      redis.disconnect();
    }
  }

  /** Resolves when no process of the local Redis is left. */
  async untilEnded(): Promise<void> {
    await vi.waitUntil(() => !isInhabited(localRedisFolder(this.folder)), WITHIN);
  }

  async killKeeper(): Promise<void> {
    process.kill(this.keeperPid, 'SIGKILL');
    await vi.waitUntil(() => isOrphaned(localRedisFolder(this.folder)), WITHIN);
  }

  /** Ends all of it, whatever state it is in, and removes the project. */
  async remove(): Promise<void> {
    for (const local of this.#opened) local.release();
    await Promise.all(this.#users.map((user) => user.kill()));
    const folder = localRedisFolder(this.folder);
    if (isInhabited(folder)) await shutDownRedis(socketPath(folder));
    await this.untilEnded();
    fs.rmSync(this.#root, { recursive: true });
  }
}
