import fs from 'node:fs';
import path from 'node:path';

const MARKS = ['.jobqueue', 'handlers', 'package.json', '.git'];

/** The project's folder when no configuration file names it: the nearest one upward that looks like one, else `cwd` itself. */
export function findProjectFolder(cwd: string): string {
  for (let folder = cwd; ; folder = path.dirname(folder)) {
    if (MARKS.some((mark) => fs.existsSync(path.join(folder, mark)))) return folder;
    if (folder === path.dirname(folder)) return cwd;
  }
}
