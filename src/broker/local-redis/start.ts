import type { ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { JobQueueError } from '../../errors.ts';
import { monotonicMs, sleep } from '../../lib/clock.ts';
import { findRedisServer } from './find-server.ts';
import { type LocalRedisFolder, prepareFolder, socketPath } from './folder.ts';
import { ANOTHER_KEEPER_LIVES, spawnKeeper } from './keeper.ts';
import { pingRedis, shutDownRedis } from './ping.ts';
import { isInhabited, isOrphaned, joinUsers } from './presence.ts';

/** How long Redis may be silent while it starts or ends. Reading its data from disk is not silence. */
const PATIENCE_MS = 10_000;
/** A process that was killed while it started Redis leaves its lock behind. The library allows no less. */
const STALE_LOCK_MS = 2000;

/**
 * Starts the local Redis, or joins the one that another process starts meanwhile. One that is about to end is waited
 * for. One whose keeper was killed is ended first: nobody but a parent learns of its crashes.
 * @returns the descriptor of {@link joinUsers}, and where the server came from when the start was ours
 * @throws {JobQueueError} `NO_REDIS`
 */
export async function startLocalRedis(
  folder: LocalRedisFolder,
  env: NodeJS.ProcessEnv,
  lingerSeconds: number,
): Promise<{ descriptor: number; source?: string }> {
  const server = findRedisServer(env);
  const searchPath = [env.PATH, '/usr/bin', '/bin'].filter(Boolean).join(path.delimiter);
  fs.mkdirSync(folder.path, { recursive: true, mode: 0o700 });
  for (const deadline = monotonicMs() + PATIENCE_MS; monotonicMs() < deadline; await sleep(5)) {
    const joined = joinUsers(folder);
    if (joined !== undefined) return { descriptor: joined };
    const unlock = await lockStart(folder);
    if (!unlock) continue;
    try {
      if (isInhabited(folder)) {
        if (isOrphaned(folder)) await shutDownRedis(socketPath(folder));
        continue;
      }
      prepareFolder(folder);
      const keeper = spawnKeeper(folder, server, { lingerSeconds, searchPath });
      const descriptor = await joinKeeper(folder, keeper, deadline);
      if (descriptor !== undefined) return { descriptor, source: server.source };
    } finally {
      await unlock();
    }
  }
  throw startFailure(folder, `cannot be started within ${PATIENCE_MS / 1000} s`);
}

/** `false` when Redis has ended for good instead. */
export async function untilReady(folder: LocalRedisFolder): Promise<boolean> {
  let deadline = monotonicMs() + PATIENCE_MS;
  for (; monotonicMs() < deadline; await sleep(2)) {
    const answer = await pingRedis(socketPath(folder));
    if (answer === 'ready') return true;
    if (answer === 'loading') deadline = monotonicMs() + PATIENCE_MS;
    else if (!isInhabited(folder)) return false;
  }
  throw startFailure(folder, `did not answer within ${PATIENCE_MS / 1000} s`);
}

/** What to throw when the local Redis is of no use; the end of its log usually says why. */
export function startFailure(folder: LocalRedisFolder, what: string): JobQueueError {
  const lines = fs.existsSync(folder.log) ? fs.readFileSync(folder.log, 'utf8').trimEnd().split('\n').slice(-5) : [];
  const message = [`The local Redis ${what}. ${folder.log} ends with:`, ...lines].join('\n  ');
  return new JobQueueError('NO_REDIS', message, { hint: 'Mend that, or set JQ_REDIS_URL to another Redis.' });
}

/** The lock of those who start a keeper, as the function that gives it back; `undefined` while another has it. */
async function lockStart(folder: LocalRedisFolder): Promise<(() => Promise<void>) | undefined> {
  const { lock } = await import('proper-lockfile');
  try {
    const unlock = await lock(folder.path, {
      lockfilePath: path.join(folder.path, 'start.lock'),
      stale: STALE_LOCK_MS,
      // After a long sleep of the machine another one has it; then there is nothing to give back either.
      onCompromised: () => undefined,
    });
    return () => unlock().catch(() => undefined);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ELOCKED') return undefined;
    throw error;
  }
}

/** Joins a keeper as soon as it is there; `undefined` when it left because of another one. */
async function joinKeeper(
  folder: LocalRedisFolder,
  keeper: ChildProcess,
  deadline: number,
): Promise<number | undefined> {
  for (; monotonicMs() < deadline; await sleep(2)) {
    const descriptor = joinUsers(folder);
    if (descriptor !== undefined) return descriptor;
    if (keeper.exitCode === ANOTHER_KEEPER_LIVES) return undefined;
    const lives = keeper.pid !== undefined && keeper.exitCode === null && keeper.signalCode === null;
    if (!lives) throw startFailure(folder, 'did not start');
  }
  return undefined;
}
