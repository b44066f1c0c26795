import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

/**
 * Lays redis-server, its libraries and its loader side by side, so that it runs on any Linux of this architecture:
 * `bin/redis-server` (the loader), `lib/`, `redis-server`, and `licences/` with the text of each package that something was taken from.
 * @param packages the `.deb` files of redis-tools or valkey-tools and of all that it depends on
 */
export function packRedis(packages: readonly string[], workFolder: string, pack: string): void {
  const root = path.join(workFolder, 'root');
  fs.mkdirSync(root);
  for (const file of packages) {
    execFileSync('dpkg', ['--extract', file, path.join(root, packageName(file))], { stdio: 'pipe' });
  }
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
}

/** `libssl3` of `…/libssl3_3.0.22-1_amd64.deb`. */
const packageName = (file: string): string => path.basename(file).split('_', 1)[0]!;

function findOne(folder: string, pattern: string): string {
  const file = fs.globSync(pattern, { cwd: folder }).find((each) => fs.lstatSync(path.join(folder, each)).isFile());
  if (file === undefined) throw new Error(`Expected a file ${pattern} in the packages, found none`);
  return path.join(folder, file);
}

/** The shared libraries that the loader would load for a program, as it names them: `libssl.so.3`. */
function librariesOf(program: string, loader: string, root: string): string[] {
  const files = fs.globSync('*/{lib,usr/lib}/**/*.so*', { cwd: root });
  const searchPath = [...new Set(files.map((file) => path.join(root, path.dirname(file))))].join(':');
  const list = execFileSync(loader, ['--library-path', searchPath, '--list', program], { encoding: 'utf8' });
  const found = [...list.matchAll(/=> (\/.*) \(0x/g)].map((match) => match[1]!);
  return found.filter((file) => file.startsWith(root) && path.basename(file) !== path.basename(loader));
}

/** Packages from one source share a folder: that of libgcc-s1 is a link to that of gcc-12-base. */
function copyrightFile(root: string, name: string): string {
  const folder = path.join(root, name, 'usr/share/doc', name);
  if (fs.lstatSync(folder).isSymbolicLink()) return copyrightFile(root, path.basename(fs.readlinkSync(folder)));
  return path.join(folder, 'copyright');
}
