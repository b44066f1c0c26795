import fs from 'node:fs/promises';
import path from 'node:path';
import { messageOf } from '../../errors.ts';

/** The machine is short of something: neither the program nor the job is at fault. */
const SHORTAGES = new Set(['EAGAIN', 'ENOMEM', 'EMFILE', 'ENFILE', 'ENOSPC', 'EDQUOT', 'ETXTBSY']);
const HEAD_BYTES = 512;

export const isShortage = (error: unknown): boolean => SHORTAGES.has((error as NodeJS.ErrnoException).code ?? '');

/**
 * What the system refuses to run, Node hands to a shell, as people's shells do, and that stumbles over whatever it finds:
 * so a text that does not say what is to run it is refused before.
 * @throws an ENOEXEC, as the system would
 */
export async function assertRunnable(file: string): Promise<void> {
  const head = await readHead(file);
  if (head === undefined || head.startsWith('#!') || head.includes('\0')) return;
  throw Object.assign(new Error('Exec format error'), { code: 'ENOEXEC' });
}

/** Why a program could not be started, in words for whoever wrote it. The system says no more than a number. */
export async function explainStartError(error: unknown, file: string, folder: string): Promise<Error> {
  const name = path.relative(folder, file);
  return new Error(`Cannot start ${name}: ${await reasonOf(error as NodeJS.ErrnoException, file)}`, { cause: error });
}

async function reasonOf(error: NodeJS.ErrnoException, file: string): Promise<string> {
  if (error.code === 'ENOEXEC')
    return 'it is no program of this system, and no script: those begin with #!, as in #!/bin/sh';
  if (error.code === 'EACCES') return 'it, or the interpreter that its first line names, may not be run';
  if (error.code !== 'ENOENT') return messageOf(error);
  const head = await readHead(file);
  if (head === undefined) return 'the file is gone';
  const [, interpreter, carriageReturn] = /^#!\s*(\S*)[^\n]*?(\r?)\n/.exec(head) ?? [];
  if (interpreter === undefined) return 'what it needs to be loaded is not on this system';
  return carriageReturn
    ? 'its lines end as on Windows, and its first line names no interpreter therefore'
    : `there is no ${interpreter}, which its first line names`;
}

/** The beginning of a file; `undefined` when it cannot be read. */
async function readHead(file: string): Promise<string | undefined> {
  const handle = await fs.open(file).catch(() => undefined);
  try {
    const read = await handle?.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return read?.buffer.toString('latin1', 0, read.bytesRead);
  } finally {
    await handle?.close();
  }
}
