import fs from 'node:fs';

/** The user's number, -1 where users have none. In a container he may have nothing else, and `os.userInfo()` fails. */
export const userId = (): number => process.getuid?.() ?? -1;

/** Whether a folder is this user's and nobody else can look into it. Anyone may have made one of its name first, or a link. */
export function isPrivateFolder(folder: string): boolean {
  const found = fs.lstatSync(folder, { throwIfNoEntry: false });
  return found !== undefined && found.uid === userId() && (found.mode & 0o170_777) === 0o040_700;
}
