import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { neededBy } from '../elf/elf.ts';

/** Extracts `.deb` files, each into a folder of `root` that has the name of its package. */
export function extractPackages(files: readonly string[], root: string): void {
  fs.mkdirSync(root);
  for (const file of files) {
    execFileSync('dpkg', ['--extract', file, path.join(root, nameAndVersion(file).name)], { stdio: 'pipe' });
  }
}

/** `libssl3` and `3.0.22-1` of `…/libssl3_3.0.22-1_amd64.deb`; a colon in a version is written `%3a` there. */
export function nameAndVersion(file: string): { name: string; version: string } {
  const [name = '', version = ''] = path.basename(file).split('_');
  return { name, version: decodeURIComponent(version) };
}

export function findOne(folder: string, pattern: string): string {
  const file = fs.globSync(pattern, { cwd: folder }).find((each) => fs.lstatSync(path.join(folder, each)).isFile());
  if (file === undefined) throw new Error(`Expected a file ${pattern} in the packages, found none`);
  return path.join(folder, file);
}

/** The shared libraries that a program needs, and those that they need, of the packages in `root`. */
export function librariesOf(program: string, loader: string, root: string): string[] {
  const files = fs.globSync('*/{lib,usr/lib}/**/*.so*', { cwd: root }).map((file) => path.join(root, file));
  const byName = new Map(files.map((file) => [path.basename(file), file]));
  const needed = new Set([program]);
  // What is added meanwhile has its turn, too.
  for (const file of needed) {
    for (const name of neededBy(fs.readFileSync(file))) {
      const library = byName.get(name);
      if (library !== undefined && name !== path.basename(loader)) needed.add(library);
    }
  }
  needed.delete(program);
  return [...needed];
}
