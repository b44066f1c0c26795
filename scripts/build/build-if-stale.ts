import fs from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');
/** What the program is made of, and what makes it. */
const SOURCES = ['bin', 'commands', 'src', 'scripts/build', 'package.json', 'package-lock.json'];

/** The program that is run, by Node. */
export const PROGRAM = path.join(ROOT, 'dist', 'jq.cjs');

/** Builds the program if a source is newer than it, and says whether it did. Several may do so at the same time. */
export async function buildIfStale({ force = false } = {}): Promise<boolean> {
  const began = new Date();
  const builtAt = fs.statSync(PROGRAM, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (!force && builtAt > newestChange(SOURCES)) return false;
  const { bundleAll } = await import('./bundle.ts');
  await bundleAll(path.dirname(PROGRAM));
  // What changed while it was built is newer than it.
  fs.utimesSync(PROGRAM, began, began);
  return true;
}

/** A folder changes when a file is added to it or taken away. */
function newestChange(names: readonly string[]): number {
  const files = names.flatMap((name) => {
    const below = fs.statSync(path.join(ROOT, name)).isDirectory()
      ? fs.readdirSync(path.join(ROOT, name), { recursive: true })
      : [];
    return [name, ...below.map((each) => path.join(name, String(each)))];
  });
  return Math.max(...files.map((file) => fs.statSync(path.join(ROOT, file)).mtimeMs));
}
