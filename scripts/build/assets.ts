import fs from 'node:fs';
import path from 'node:path';
import { ASSETS, type AssetName, packageRoot } from '../../src/server/assets.ts';
import { replaceFile } from './replace-file.ts';

/** Puts the files of every row of ASSETS into `assets/NAME` of a folder, laid out as in their package, with its licence. */
export function copyAssets(outputFolder: string): void {
  for (const [name, row] of Object.entries(ASSETS) as [AssetName, (typeof ASSETS)[AssetName]][]) {
    const [from, to] = [packageRoot(row.package), path.join(outputFolder, 'assets', name)];
    const files = fs.globSync(['LICENSE', `${row.folder}/**/*`], { cwd: from }).filter((file) => isFile(from, file));
    if (files.length < 3) throw new Error(`Expected files in ${row.folder} of ${row.package}: it has changed`);
    for (const file of files) {
      fs.mkdirSync(path.dirname(path.join(to, file)), { recursive: true });
      replaceFile(path.join(to, file), fs.readFileSync(path.join(from, file)), 0o644);
    }
    // What an older version of the package had.
    for (const file of fs.globSync('**/*', { cwd: to })) {
      if (isFile(to, file) && !files.includes(file)) fs.rmSync(path.join(to, file), { force: true });
    }
  }
}

const isFile = (folder: string, file: string): boolean =>
  fs.statSync(path.join(folder, file), { throwIfNoEntry: false })?.isFile() ?? false;
