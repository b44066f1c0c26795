import fs from 'node:fs';
import path from 'node:path';
import { JobQueueError } from '../../src/errors.ts';
import type { Context } from './context.ts';

/**
 * The text of a file, or of stdin for `-`. Nobody is made to guess that a command waits for input: at a terminal it is said.
 * @throws JobQueueError USAGE when the file cannot be read
 */
export async function readInput(context: Context, file: string): Promise<string> {
  if (file === '-') {
    if (context.stdin.isTTY) context.note('Reading from the terminal: end with Ctrl-D on a line of its own');
    const [{ addAbortSignal }, { text }] = await Promise.all([import('node:stream'), import('node:stream/consumers')]);
    return text(addAbortSignal(context.signal, context.stdin));
  }
  try {
    return await fs.promises.readFile(path.resolve(context.cwd, file), 'utf8');
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'no such file' : (error as Error).message;
    throw new JobQueueError('USAGE', `Cannot read ${file}: ${reason}`, { cause: error });
  }
}
