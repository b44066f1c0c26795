import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';

/** Files by their path, with their text. */
export type Files = Record<string, string>;

/** Writes files, and the folders they are in, under `folder`. What begins with `#!` gets the run bit. */
export async function writeFiles(folder: string, files: Files): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, name);
    await fs.mkdir(path.dirname(file), { recursive: true });
    await fs.writeFile(file, text, { mode: text.startsWith('#!') ? 0o755 : 0o644 });
  }
}

/** A new folder with these files, which goes away when the test ends. */
export async function folderOf(files: Files = {}): Promise<string> {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'jobqueue-files-'));
  onTestFinished(() => fs.rm(folder, { recursive: true, force: true }));
  await writeFiles(folder, files);
  return folder;
}
