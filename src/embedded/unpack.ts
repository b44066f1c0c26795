import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { isPrivateFolder } from '../lib/private-folder.ts';
import type { Pack } from './embedded.ts';

/**
 * Lays a pack out below `parent`, once, and returns its folder. Each time every file is held against its hash, so a
 * file that was damaged or changed is never run. Several processes may do so at the same time: a folder appears as a whole.
 * @param read the compressed bytes of a file
 */
export function unpack(
  name: string,
  { pack, parent, read }: { pack: Pack; parent: string; read: (file: string) => Uint8Array },
): string {
  const folder = path.join(parent, `${name}-${pack.hash.slice(0, 16)}`);
  if (isWhole(folder, pack)) return folder;
  // For this user only, whatever the umask.
  const next = fs.mkdtempSync(`${folder}.`);
  try {
    for (const file of Object.keys(pack.files)) {
      const target = path.join(next, file);
      fs.mkdirSync(path.dirname(target), { recursive: true, mode: 0o700 });
      fs.writeFileSync(target, zstdDecompressSync(read(file)), { mode: 0o700 });
    }
    return place(next, folder, pack);
  } finally {
    fs.rmSync(next, { recursive: true, force: true });
  }
}

/** Gives a folder its name. Where another process was first, its folder serves as well; a damaged one gives way. */
function place(next: string, folder: string, pack: Pack): string {
  for (;;) {
    try {
      fs.renameSync(next, folder);
      return folder;
    } catch (error) {
      if (!['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
    if (isWhole(folder, pack)) return folder;
    const damaged = fs.mkdtempSync(`${folder}.`);
    try {
      fs.renameSync(folder, path.join(damaged, 'damaged'));
    } catch (error) {
      // Another process has taken it away.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    } finally {
      fs.rmSync(damaged, { recursive: true, force: true });
    }
  }
}

const isWhole = (folder: string, { files }: Pack): boolean =>
  isPrivateFolder(folder) &&
  Object.entries(files).every(([file, hash]) => {
    try {
      return (
        createHash('sha256')
          .update(fs.readFileSync(path.join(folder, file)))
          .digest('hex') === hash
      );
    } catch {
      return false;
    }
  });
