import fs from 'node:fs';
import os from 'node:os';

/** Whether a folder is this user's and nobody else can look into it. Anyone may have made one of its name first, or a link. */
export function isPrivateFolder(folder: string): boolean {
  const found = fs.lstatSync(folder, { throwIfNoEntry: false });
  return found !== undefined && found.uid === os.userInfo().uid && (found.mode & 0o170_777) === 0o040_700;
}
