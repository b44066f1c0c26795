import { cacheFolder } from './cache-folder.ts';
import { isSingleExecutable, packedFile, packOf } from './embedded.ts';
import { unpack } from './unpack.ts';

/**
 * Where a pack of this single executable is on disk; it is laid out when it is first asked for.
 * `undefined` when this is no single executable, or it was built without the pack.
 * @param env `XDG_CACHE_HOME` is read
 */
export function unpackedFolder(name: string, env: NodeJS.ProcessEnv): string | undefined {
  const pack = isSingleExecutable() ? packOf(name) : undefined;
  return pack && unpack(name, { pack, parent: cacheFolder(env), read: (file) => packedFile(name, file) });
}
