import fs from 'node:fs/promises';
import path from 'node:path';

/** What a type may be called: a path of names, without anything that could leave the folder. */
export const TYPE_NAME = /^(?!.{129})[a-z0-9_][\w.-]*(\/[a-z0-9_][\w.-]*)*$/i;

const CODE = /^(?!.*\.d\.[mc]?ts$)(.+)\.[mc]?[tj]s$/;

/**
 * The handler files in `folder`, by the type that each serves: its path without the ending. Names that start with
 * `_` or `.`, `node_modules`, declaration files and tests are no handlers. Nothing is imported.
 * @returns an empty map when the folder does not exist
 */
export async function findHandlers(folder: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  await collect(folder, '', files);
  return files;
}

async function collect(folder: string, prefix: string, files: Map<string, string>): Promise<void> {
  const entries = await fs.readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (/^[._]/.test(entry.name) || entry.name === 'node_modules') continue;
    const file = path.join(folder, entry.name);
    // A link may lead to a handler that several projects share; where it leads decides what it is.
    const target = entry.isSymbolicLink() ? await fs.stat(file).catch(() => undefined) : entry;
    if (target?.isDirectory() && !entry.isSymbolicLink()) await collect(file, `${prefix}${entry.name}/`, files);
    const name = target?.isFile() ? CODE.exec(entry.name)?.[1] : undefined;
    if (name === undefined || /\.(test|spec)$/.test(name)) continue;
    const type = prefix + name;
    // TypeScript stands before what a compiler may have made of it.
    if (files.has(type) && !entry.name.endsWith('ts')) continue;
    if (TYPE_NAME.test(type)) files.set(type, file);
  }
}
