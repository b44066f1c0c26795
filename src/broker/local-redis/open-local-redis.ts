import { closeSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { JobQueueError, messageOf } from '../../errors.ts';
import { type LocalRedisFolder, localRedisFolder, socketPath } from './folder.ts';
import { joinUsers, leaveMark } from './presence.ts';
import { startFailure, startLocalRedis, untilReady } from './start.ts';

/**
 * Opens the local Redis of a project, and starts it when it does not run. It ends by itself `lingerSeconds` after the
 * last process that used it, however that process ended; its data stays in `<project>/.jobqueue`.
 * @param env `JQ_REDIS_SERVER` and `PATH` are read
 * @throws {JobQueueError} `NO_REDIS` when there is no redis-server, or it does not start; the message quotes its log
 */
export async function openLocalRedis(
  projectFolder: string,
  env: NodeJS.ProcessEnv,
  lingerSeconds = 5,
): Promise<LocalRedis> {
  const redis = new LocalRedis(localRedisFolder(projectFolder), env, lingerSeconds);
  await redis.ensure();
  return redis;
}

/** The local Redis of a project, in use by this process until {@link release} or its end. */
export class LocalRedis {
  /** Where the redis-server comes from, as a phrase for people. */
  source = 'already running';
  /** Whether this process started it. */
  started = false;
  readonly #folder: LocalRedisFolder;
  readonly #env: NodeJS.ProcessEnv;
  readonly #lingerSeconds: number;
  #descriptor: number | undefined;
  #released = false;
  #ensuring: Promise<void> | undefined;

  constructor(folder: LocalRedisFolder, env: NodeJS.ProcessEnv, lingerSeconds: number) {
    this.#folder = folder;
    this.#env = env;
    this.#lingerSeconds = lingerSeconds;
  }

  get socketPath(): string {
    return socketPath(this.#folder);
  }

  /** The socket as a `unix://` URL. */
  get url(): string {
    return pathToFileURL(this.socketPath).href.replace(/^file:/, 'unix:');
  }

  /**
   * Resolves when Redis serves. To be called again when a connection broke: if the keeper was killed with its Redis,
   * this starts them anew. Calls at the same time share one answer.
   * @throws {JobQueueError} `NO_REDIS`
   */
  ensure(): Promise<void> {
    this.#ensuring ??= this.#open()
      .catch((error: unknown) => Promise.reject(this.#expected(error)))
      .finally(() => (this.#ensuring = undefined));
    return this.#ensuring;
  }

  /** Stops using it, for good. */
  release(): void {
    this.#released = true;
    this.#leave();
  }

  async #open(): Promise<void> {
    while (!this.#released) {
      const startedNow = await this.#join();
      if (await untilReady(this.#folder)) break;
      this.#leave();
      if (startedNow) throw startFailure(this.#folder, 'ended at once');
    }
    if (this.#released) this.#leave();
  }

  /** Becomes a user of Redis, unless it is one; `true` when Redis had to be started for it. */
  async #join(): Promise<boolean> {
    if (this.#descriptor !== undefined && leaveMark(this.#descriptor)) return false;
    this.#leave();
    this.#descriptor = joinUsers(this.#folder);
    if (this.#descriptor !== undefined) return false;
    const { descriptor, source } = await startLocalRedis(this.#folder, this.#env, this.#lingerSeconds);
    this.#descriptor = descriptor;
    if (source === undefined) return false;
    this.source = source;
    this.started = true;
    return true;
  }

  #leave(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #expected(error: unknown): JobQueueError {
    if (error instanceof JobQueueError) return error;
    return new JobQueueError('NO_REDIS', `The local Redis in ${this.#folder.path} is of no use: ${messageOf(error)}.`, {
      hint: 'Set JQ_REDIS_URL to use another Redis.',
      cause: error,
    });
  }
}
