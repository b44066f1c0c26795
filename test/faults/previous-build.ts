import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');

/** What the program is built of. */
const SOURCES = ['--', 'bin', 'commands', 'src'];

/**
 * Builds the program as it was at a commit; without one, as it was before its sources changed last.
 * @returns its folder, to be removed, and the program
 * @throws Error when there is no such commit, or it does not build
 */
export function buildPrevious(commit?: string): { folder: string; program: string } {
  const git = (...words: string[]) => execFileSync('git', words, { cwd: ROOT, maxBuffer: 2 ** 30, stdio: 'pipe' });
  const changed = git('status', '--porcelain', ...SOURCES).length > 0;
  const before = () =>
    changed
      ? 'HEAD'
      : `${git('log', '-1', '--format=%h', ...SOURCES)
          .toString()
          .trim()}~1`;
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'jobqueue-previous-'));
  try {
    execFileSync('tar', ['-x', '-C', folder], { input: git('archive', commit ?? before()) });
    fs.symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
    execFileSync(process.execPath, ['scripts/build.ts'], { cwd: folder, stdio: 'pipe' });
    return { folder, program: path.join(folder, 'dist/jq.cjs') };
  } catch (error) {
    fs.rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}
