import type { Command } from '../framework/define-command.ts';
import { enqueue } from './enqueue.ts';

/** The table of commands of the program that is built for `jq enqueue` alone, which has to be quick: see scripts/build. */
export const COMMANDS: readonly Command[] = [enqueue];
