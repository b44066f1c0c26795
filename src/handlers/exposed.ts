import fs from 'node:fs/promises';
import path from 'node:path';
import { count } from '../lib/text.ts';

const WRITABLE_BY_ALL = 0o002;

/**
 * What to warn of when every user of this machine may change a handler, or put one into its folder: a handler may do all
 * that the program may. No refusal: on some file systems, as Windows' under WSL, everything has such a mode.
 * @param files handlers in `folder`
 */
export async function warningOfExposed(folder: string, files: readonly string[]): Promise<string | undefined> {
  // Elsewhere a mode does not say who may write.
  if (process.platform === 'win32') return undefined;
  const places = [...new Set([folder, ...files.map((file) => path.dirname(file)), ...files])];
  const exposed: string[] = [];
  for (const place of places) {
    const mode = await fs.stat(place).then(
      (found) => found.mode,
      () => 0,
    );
    if ((mode & WRITABLE_BY_ALL) !== 0) exposed.push(path.relative(process.cwd(), place) || '.');
  }
  if (exposed.length === 0) return undefined;
  const [first, ...others] = exposed;
  const all = others.length === 0 ? first : `${first} and ${count(others.length, 'other place')}`;
  return `every user of this machine can change ${all}, and with it what handlers do: chmod -R o-w ${path.relative(process.cwd(), folder) || '.'}`;
}
