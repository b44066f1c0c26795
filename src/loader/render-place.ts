import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileTypeScript } from './compile.ts';

interface Place {
  file: string;
  line: number;
}

// Before the stack of a syntax error: `/path/file.ts:3`, as a path or as a URL.
const HEAD = /^(file:\/\/)?(\/[^\n]*?)(?:\?[^\n]*)?:(\d+)\n/;
const FRAME = /^ +at (?:.* \()?(file:\/\/)?(\/.*?)(?:\?.*)?:(\d+):\d+\)?$/gm;

/**
 * Where in the user's files an error arose while `file` was imported, as the beginning of a sentence: `line 3: `, or
 * `../lib/mailer.ts, line 3: ` when it is one that `file` imports; empty when nobody can tell.
 */
export function renderPlace(error: unknown, file: string): string {
  const folder = path.dirname(fs.realpathSync(file));
  const place = placeOf(error, file, folder);
  if (!place) return '';
  const name = path.relative(folder, place.file);
  return `${name === path.basename(file) ? '' : `${name}, `}line ${place.line}: `;
}

function placeOf(error: unknown, file: string, folder: string): Place | undefined {
  // Of a module that is not found the message tells who asked for it.
  if (!(error instanceof Error) || (error as NodeJS.ErrnoException).code?.endsWith('MODULE_NOT_FOUND'))
    return undefined;
  const stack = error.stack ?? '';
  const head = HEAD.exec(stack);
  if (head) return toPlace(head);
  // ES modules have URLs in a stack, as little else has; CommonJS modules only paths, as this program may have too.
  const frame = [...stack.matchAll(FRAME)].find(([, scheme, name]) => scheme ?? name!.startsWith(folder + path.sep));
  if (frame) return toPlace(frame);
  return error instanceof SyntaxError ? placeOfSyntaxError(file) : undefined;
}

const toPlace = ([, scheme, name, line]: RegExpExecArray): Place => ({
  file: scheme ? fileURLToPath(scheme + name) : name!,
  line: Number(line),
});

/** Node keeps to itself where an ES module in JavaScript breaks; the compiler stops at the same place. */
function placeOfSyntaxError(file: string): Place | undefined {
  try {
    compileTypeScript(file, fs.readFileSync(file, 'utf8'), undefined);
    return undefined;
  } catch (error) {
    const line = HEAD.exec((error as Error).stack ?? '')?.[3];
    return line === undefined ? undefined : { file, line: Number(line) };
  }
}
