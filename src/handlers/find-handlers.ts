import type { Dirent } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';

/** What a type may be called: a path of names, without anything that could leave the folder. */
export const TYPE_NAME = /^(?!.{129})[a-z0-9_][\w.-]*(\/[a-z0-9_][\w.-]*)*$/i;

const MODULE = /^(.+)\.[mc]?[tj]s$/;
const DECLARATION = /\.d\.[mc]?ts$/;
// An ending is a word: what editors add to their copies (`report.sh~`) is none, and no type is called so.
const EXECUTABLE = /^(.+?)(?:\.\w+)?$/;
const RUN_BITS = 0o111;

/** The file that serves a type. */
export interface HandlerFile {
  readonly file: string;
  /** Code to be imported, or a program to be run. */
  readonly kind: 'module' | 'executable';
  /** Other files that claim the type: nobody can say which one is meant. */
  readonly rivals: string[];
}

/**
 * The handler files in `folder`, by the type that each serves: its path without the ending. JavaScript and TypeScript
 * are modules, whatever their mode; of all others those with a run bit are executables. Names that start with `_` or
 * `.`, `node_modules`, declaration files and tests are no handlers. Nothing is imported or run.
 * @returns an empty map when the folder does not exist
 */
export async function findHandlers(folder: string): Promise<Map<string, HandlerFile>> {
  const files = new Map<string, HandlerFile>();
  await collect(folder, '', files);
  return files;
}

async function collect(folder: string, prefix: string, files: Map<string, HandlerFile>): Promise<void> {
  const entries = await fs.readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (/^[._]/.test(entry.name) || entry.name === 'node_modules') continue;
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) await collect(file, `${prefix}${entry.name}/`, files);
    const found = await recognize(entry, file);
    if (found && TYPE_NAME.test(prefix + found.name)) claim(files, prefix + found.name, { kind: found.kind, file });
  }
}

/** What a file is called as a handler; `undefined` when it is none. */
async function recognize(
  entry: Dirent,
  file: string,
): Promise<(Pick<HandlerFile, 'kind'> & { name: string }) | undefined> {
  const kind = MODULE.test(entry.name) ? 'module' : 'executable';
  const name = (kind === 'module' ? MODULE : EXECUTABLE).exec(entry.name)?.[1];
  if (name === undefined || DECLARATION.test(entry.name) || /\.(test|spec)$/.test(name)) return undefined;
  // A link may lead to a handler that several projects share; where it leads decides what it is.
  if (kind === 'module' && !entry.isSymbolicLink()) return entry.isFile() ? { kind, name } : undefined;
  const target = await fs.stat(file).catch(() => undefined);
  if (!target?.isFile() || (kind === 'executable' && (target.mode & RUN_BITS) === 0)) return undefined;
  return { kind, name };
}

function claim(
  files: Map<string, HandlerFile>,
  type: string,
  { file, kind }: Pick<HandlerFile, 'file' | 'kind'>,
): void {
  const first = files.get(type);
  if (!first) files.set(type, { file, kind, rivals: [] });
  else if (first.kind === 'executable' || kind === 'executable') first.rivals.push(file);
  // TypeScript stands before what a compiler may have made of it.
  else if (file.endsWith('ts')) files.set(type, { ...first, file });
}
