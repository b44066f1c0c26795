/**
 * Sees to it that there is a browser for the tests of pages: `node scripts/vendor-browser.ts`. When there is none it takes
 * Debian's headless Chromium into `vendor/chromium`, without being root and without installing anything: 120 MB. Where
 * that cannot be, it says so, and those tests are skipped.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { BROWSER_FOLDER, findBrowser } from './browser/find-browser.ts';
import { packBrowser } from './browser/pack-browser.ts';
import { downloadPackages } from './debian/download-packages.ts';

/** A page is drawn without them. */
const WITHOUT = ['libgl1', 'libglx-mesa0', 'x11-utils', 'xdg-utils'];

/** Either the whole folder is there or none of it. @returns the version */
function vendor(): string {
  fs.mkdirSync(path.dirname(BROWSER_FOLDER), { recursive: true });
  const workFolder = fs.mkdtempSync(`${BROWSER_FOLDER}-`);
  try {
    const pack = path.join(workFolder, 'pack');
    packBrowser(downloadPackages(['chromium-headless-shell'], workFolder, { without: WITHOUT }), workFolder, pack);
    fs.renameSync(pack, BROWSER_FOLDER);
  } finally {
    fs.rmSync(workFolder, { recursive: true, force: true });
  }
  const { program, env } = findBrowser({})!;
  const { stdout, stderr } = spawnSync(program, ['--version', '--no-sandbox'], { encoding: 'utf8', env });
  if (stdout.trim() !== '') return stdout.trim();
  fs.rmSync(BROWSER_FOLDER, { recursive: true });
  throw new Error(`It does not run here: ${stderr.trim().split('\n')[0]}`);
}

if (!findBrowser(process.env)) {
  const began = performance.now();
  try {
    process.stderr.write(`vendor/chromium: ${vendor()}, ${((performance.now() - began) / 1000).toFixed(1)} s\n`);
  } catch (error) {
    process.stderr.write(
      `No browser could be fetched, so the tests of pages are skipped: ${(error as Error).message}\n`,
    );
  }
}
