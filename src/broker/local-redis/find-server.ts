import fs from 'node:fs';
import { findPackageJSON } from 'node:module';
import path from 'node:path';
import { isSingleExecutable } from '../../embedded/embedded.ts';
import { unpackedFolder } from '../../embedded/unpacked-folder.ts';
import { JobQueueError } from '../../errors.ts';
import { redisInstallCommand } from './install-command.ts';

/** A redis-server that can be run. */
export interface RedisServer {
  /** The program and the arguments that come before its own. */
  command: [string, ...string[]];
  /** Where it was found, as a phrase for people. */
  source: string;
}

/** Names of programs that are a Redis server. */
const SERVER_NAMES = ['redis-server', 'valkey-server'];

/**
 * Finds a redis-server to run. First wins: `$JQ_REDIS_SERVER`, the copy inside the single executable, the vendored copy
 * of a source checkout, then `redis-server` and `valkey-server` on the PATH.
 * @throws {JobQueueError} `NO_REDIS`, with the command that installs one
 */
export function findRedisServer(env: NodeJS.ProcessEnv): RedisServer {
  const found = serverOfVariable(env) ?? embeddedServer(env) ?? vendoredServer() ?? serverOnPath(env);
  if (found) return found;
  throw new JobQueueError('NO_REDIS', 'No Redis is configured, and no redis-server was found to start one.', {
    hint: `Install one (${redisInstallCommand()}), or set JQ_REDIS_URL.`,
  });
}

function serverOfVariable({ JQ_REDIS_SERVER: file }: NodeJS.ProcessEnv): RedisServer | undefined {
  if (!file) return undefined;
  if (isExecutable(file)) return { command: [path.resolve(file)], source: 'JQ_REDIS_SERVER' };
  throw new JobQueueError('NO_REDIS', `JQ_REDIS_SERVER should name an executable file; "${file}" is none.`, {
    hint: 'Correct it, unset it, or set JQ_REDIS_URL.',
  });
}

/** The pack of the single executable that holds a redis-server. */
export const REDIS_PACK = 'redis';

function embeddedServer(env: NodeJS.ProcessEnv): RedisServer | undefined {
  const folder = unpackedFolder(REDIS_PACK, env);
  return folder === undefined ? undefined : { ...vendoredServer(folder)!, source: 'inside jq' };
}

/** Where a source checkout keeps its own copy of redis-server; `undefined` when this program is not part of a package. */
export function vendorFolder(): string | undefined {
  // What lies around an executable is not its own.
  if (isSingleExecutable()) return undefined;
  const manifest = findPackageJSON(import.meta.url);
  return manifest && path.join(path.dirname(manifest), 'vendor', 'redis');
}

/** The vendored copy. It brings its own loader and libraries, and so runs on any Linux of its architecture. */
export function vendoredServer(folder = vendorFolder()): RedisServer | undefined {
  if (folder === undefined) return undefined;
  const loader = path.join(folder, 'bin', 'redis-server');
  if (!isExecutable(loader)) return undefined;
  const [libraries, program] = [path.join(folder, 'lib'), path.join(folder, 'redis-server')];
  return {
    command: [loader, '--library-path', libraries, '--argv0', 'redis-server', program],
    source: 'vendored copy',
  };
}

/** The first redis-server or valkey-server on the PATH. */
export function serverOnPath({ PATH = '' }: NodeJS.ProcessEnv): RedisServer | undefined {
  const folders = PATH.split(path.delimiter).filter((folder) => folder !== '');
  const files = SERVER_NAMES.flatMap((name) => folders.map((folder) => path.resolve(folder, name)));
  const file = files.find(isExecutable);
  return file === undefined ? undefined : { command: [file], source: `${path.basename(file)} on the PATH` };
}

function isExecutable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}
