import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');

/**
 * Builds the program as it was before: as last committed when something has changed since, else as committed before that.
 * @returns its folder, to be removed, and the program
 * @throws Error when there is no such commit, or it does not build
 */
export function buildPrevious(): { folder: string; program: string; commit: string } {
  const git = (...words: string[]) => execFileSync('git', words, { cwd: ROOT, maxBuffer: 2 ** 30, stdio: 'pipe' });
  const hasChanged = git('status', '--porcelain', '--', 'bin', 'commands', 'src').length > 0;
  const commit = git('rev-parse', '--short', hasChanged ? 'HEAD' : 'HEAD~1')
    .toString()
    .trim();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'jobqueue-previous-'));
  try {
    execFileSync('tar', ['-x', '-C', folder], { input: git('archive', commit) });
    fs.symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
    execFileSync(process.execPath, ['scripts/build.ts'], { cwd: folder, stdio: 'pipe' });
    return { folder, program: path.join(folder, 'dist/jq.cjs'), commit };
  } catch (error) {
    fs.rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}
