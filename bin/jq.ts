#!/usr/bin/env node
import { leaveWhenStdoutFails } from '../commands/framework/leave-when-stdout-fails.ts';
import { main } from '../commands/framework/main.ts';

leaveWhenStdoutFails(process);
// Waits for what is still being written; whatever else is open must not keep a finished command alive.
void main(process).then((code) => process.stdout.write('', () => process.exit(code)));
