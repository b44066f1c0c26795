import fs from 'node:fs';
import path from 'node:path';
import { downloadPackages } from '../debian/download-packages.ts';
import { packRedis } from './pack-redis.ts';

/** The packages that may bring a redis-server, best first. redis-server itself adds only users and services to them. */
const PACKAGES = ['redis-tools', 'valkey-tools'];

/**
 * Puts the redis-server of this Debian, for any architecture, into a folder, with all that it needs. Either the whole folder is there or none of it.
 * @param architecture Debian's name, by default that of this machine
 */
export function vendorRedis(folder: string, architecture?: string): void {
  fs.mkdirSync(path.dirname(folder), { recursive: true });
  const workFolder = fs.mkdtempSync(`${folder}-`);
  try {
    const pack = path.join(workFolder, 'pack');
    packRedis(
      downloadPackages(PACKAGES, workFolder, architecture === undefined ? {} : { architecture }),
      workFolder,
      pack,
    );
    fs.rmSync(folder, { recursive: true, force: true });
    fs.renameSync(pack, folder);
  } finally {
    fs.rmSync(workFolder, { recursive: true, force: true });
  }
}
