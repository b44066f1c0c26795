import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { JobQueueError } from '../errors.ts';
import { isPrivateFolder, userId } from '../lib/private-folder.ts';

/**
 * Where a single executable lays out what must be files: `$XDG_CACHE_HOME/jobqueue` or `~/.cache/jobqueue`, and for users
 * whose home cannot be written to, a folder of their own among the temporary ones. Only this user can look into it.
 * @throws {JobQueueError} FAILED when none of them will do
 */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  const { XDG_CACHE_HOME: chosen = '' } = env;
  const root = path.isAbsolute(chosen) ? chosen : path.join(os.homedir(), '.cache');
  const candidates = [path.join(root, 'jobqueue'), path.join(os.tmpdir(), `jobqueue-cache-${userId()}`)];
  const folder = candidates.find(isUsable);
  if (folder !== undefined) return folder;
  throw new JobQueueError(
    'FAILED',
    `Expected a folder for files of this program, but ${candidates.join(' and ')} cannot be used`,
    {
      hint: 'Set XDG_CACHE_HOME to a folder that this user can write to.',
    },
  );
}

function isUsable(folder: string): boolean {
  try {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    fs.accessSync(folder, fs.constants.W_OK);
  } catch {
    return false;
  }
  return isPrivateFolder(folder);
}
