#!/usr/bin/env node
import { main } from '../commands/framework/main.ts';

// A reader that closes its end, such as `head` or a terminal's window, is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
  process.exit(0);
});

// Waits for what is still being written; whatever else is open must not keep a finished command alive.
void main(process).then((code) => process.stdout.write('', () => process.exit(code)));
