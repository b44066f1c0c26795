import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { ROOT, type Target } from './targets.ts';

/**
 * The folder of the npm package with a target's Node: that in `node_modules`, or, since npm installs no package of another
 * architecture, one that is downloaded to `vendor/` and held against the hash in the lock file.
 */
export function nodePackage({ nodePackage: name }: Target): string {
  const installed = path.join(ROOT, 'node_modules', name);
  if (fs.existsSync(installed)) return installed;
  const { version, integrity } = locked(name);
  const folder = path.join(ROOT, 'vendor', `${name}-${version}`);
  if (fs.existsSync(folder)) return folder;
  fs.mkdirSync(path.dirname(folder), { recursive: true });
  const work = fs.mkdtempSync(`${folder}.`);
  try {
    execFileSync('npm', ['pack', `${name}@${version}`, '--pack-destination', work], { cwd: work, stdio: 'pipe' });
    const archive = path.join(work, `${name}-${version}.tgz`);
    const hash = `sha512-${createHash('sha512').update(fs.readFileSync(archive)).digest('base64')}`;
    if (hash !== integrity) throw new Error(`${name}@${version} is not what package-lock.json names`);
    execFileSync('tar', ['-xzf', archive, '-C', work], { stdio: 'pipe' });
    fs.renameSync(path.join(work, 'package'), folder);
  } finally {
    fs.rmSync(work, { recursive: true, force: true });
  }
  return folder;
}

function locked(name: string): { version: string; integrity: string } {
  const lock = JSON.parse(fs.readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version: string; integrity: string }>;
  };
  return lock.packages[`node_modules/${name}`]!;
}
