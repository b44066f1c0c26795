import fs from 'node:fs';
import path from 'node:path';
import { extractPackages, findOne, librariesOf, nameAndVersion } from '../debian/packages.ts';

/**
 * Lays redis-server, its libraries and its loader side by side, so that it runs on any Linux of this architecture:
 * `bin/redis-server` (the loader), `lib/`, `redis-server`, and for each package that something was taken from its line in
 * `packages.json` and its text in `licences/`, which has the licences that those texts refer to in `common/`.
 * @param packages the `.deb` files of redis-tools or valkey-tools and of all that it depends on
 */
export function packRedis(packages: readonly string[], workFolder: string, pack: string): void {
  const root = path.join(workFolder, 'root');
  extractPackages(packages, root);
  const loader = findOne(root, '*/{lib,usr/lib}/*/ld-linux*.so.*');
  // Debian's redis-server is a link to this program, which does what it is called as.
  const server = findOne(root, '*/usr/bin/{redis,valkey}-check-rdb');
  const libraries = librariesOf(server, loader, root);

  for (const name of ['bin', 'lib', 'licences']) fs.mkdirSync(path.join(pack, name), { recursive: true });
  fs.copyFileSync(loader, path.join(pack, 'ld.so'));
  // The kernel names a process after the file that was run: `pkill redis-server` should find it.
  fs.symlinkSync('../ld.so', path.join(pack, 'bin', 'redis-server'));
  fs.copyFileSync(server, path.join(pack, 'redis-server'));
  for (const file of libraries) fs.copyFileSync(file, path.join(pack, 'lib', path.basename(file)));
  const sources = new Set([loader, server, ...libraries].map((file) => path.relative(root, file).split(path.sep)[0]!));
  for (const name of sources) fs.copyFileSync(copyrightFile(root, name), path.join(pack, 'licences', `${name}.txt`));
  copyCommonLicences(path.join(pack, 'licences'));
  const taken = packages.map(nameAndVersion).filter(({ name }) => sources.has(name));
  fs.writeFileSync(path.join(pack, PACKAGE_LIST), `${JSON.stringify(taken, null, 2)}\n`);
}

/** In a pack: the packages that it was made from, as `{ name, version }`. */
export const PACKAGE_LIST = 'packages.json';

/** On every Debian. */
const COMMON_LICENCES = '/usr/share/common-licenses';

function copyCommonLicences(folder: string): void {
  const texts = fs.globSync('*.txt', { cwd: folder }).map((file) => fs.readFileSync(path.join(folder, file), 'utf8'));
  const named = texts.flatMap((text) => [...text.matchAll(/common-licenses\/([\w.-]*\w)/g)].map(([, name]) => name!));
  fs.mkdirSync(path.join(folder, 'common'));
  for (const name of new Set(named)) {
    const file = path.join(COMMON_LICENCES, name);
    if (fs.existsSync(file)) fs.copyFileSync(file, path.join(folder, 'common', `${name}.txt`));
  }
}

/** Packages from one source share a folder: that of libgcc-s1 is a link to that of gcc-12-base. */
function copyrightFile(root: string, name: string): string {
  const folder = path.join(root, name, 'usr/share/doc', name);
  if (fs.lstatSync(folder).isSymbolicLink()) return copyrightFile(root, path.basename(fs.readlinkSync(folder)));
  return path.join(folder, 'copyright');
}
