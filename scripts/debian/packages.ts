import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

/** Extracts `.deb` files, each into a folder of `root` that has the name of its package. */
export function extractPackages(files: readonly string[], root: string): void {
  fs.mkdirSync(root);
  for (const file of files) {
    execFileSync('dpkg', ['--extract', file, path.join(root, packageName(file))], { stdio: 'pipe' });
  }
}

/** `libssl3` of `…/libssl3_3.0.22-1_amd64.deb`. */
const packageName = (file: string): string => path.basename(file).split('_', 1)[0]!;

export function findOne(folder: string, pattern: string): string {
  const file = fs.globSync(pattern, { cwd: folder }).find((each) => fs.lstatSync(path.join(folder, each)).isFile());
  if (file === undefined) throw new Error(`Expected a file ${pattern} in the packages, found none`);
  return path.join(folder, file);
}

/** The shared libraries that the loader would load for a program, as it names them: `libssl.so.3`. */
export function librariesOf(program: string, loader: string, root: string): string[] {
  const files = fs.globSync('*/{lib,usr/lib}/**/*.so*', { cwd: root });
  const searchPath = [...new Set(files.map((file) => path.join(root, path.dirname(file))))].join(':');
  const list = execFileSync(loader, ['--library-path', searchPath, '--list', program], { encoding: 'utf8' });
  const found = [...list.matchAll(/=> (\/.*) \(0x/g)].map((match) => match[1]!);
  return found.filter((file) => file.startsWith(root) && path.basename(file) !== path.basename(loader));
}
