import fs from 'node:fs';
import path from 'node:path';
import type { LocalRedisFolder } from './folder.ts';

const { O_WRONLY, O_NONBLOCK } = fs.constants;

/**
 * Counts this process among the users of the local Redis: a descriptor that keeps it running until it is closed or the
 * process ends. `undefined` when there is no keeper, or one that is about to end.
 */
export function joinUsers(folder: LocalRedisFolder): number | undefined {
  const file = path.join(folder.path, 'users.fifo');
  const descriptor = openForWriting(file);
  if (typeof descriptor !== 'number') return undefined;
  if (leaveMark(descriptor) && isStillThere(file, descriptor)) return descriptor;
  fs.closeSync(descriptor);
  return undefined;
}

/** Writes the line that the keeper counts. `false` when the keeper of this descriptor no longer lives. */
export const leaveMark = (descriptor: number): boolean => {
  try {
    return fs.writeSync(descriptor, '\n') === 1;
  } catch {
    return false;
  }
};

/** Whether any process of a keeper or its Redis lives, whatever its state. */
export const isInhabited = (folder: LocalRedisFolder): boolean => look(folder, 'alive.fifo') === 'reader';

/** Whether the keeper was killed, so that nobody will ever end the Redis that it may have left behind. */
export const isOrphaned = (folder: LocalRedisFolder): boolean =>
  ['users.fifo', 'users.closing'].some((name) => look(folder, name) === 'no reader');

function look(folder: LocalRedisFolder, name: string): 'reader' | 'no reader' | 'absent' {
  const descriptor = openForWriting(path.join(folder.path, name));
  if (typeof descriptor !== 'number') return descriptor;
  fs.closeSync(descriptor);
  return 'reader';
}

/** A FIFO opened without waiting for a reader, which is how the kernel says whether there is one. */
function openForWriting(file: string): number | 'no reader' | 'absent' {
  try {
    return fs.openSync(file, O_WRONLY | O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENXIO') return 'no reader';
    if (code === 'ENOENT') return 'absent';
    throw error;
  }
}

function isStillThere(file: string, descriptor: number): boolean {
  const mine = fs.fstatSync(descriptor);
  return mine.isFIFO() && fs.statSync(file, { throwIfNoEntry: false })?.ino === mine.ino;
}
