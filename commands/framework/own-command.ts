import fs from 'node:fs';
import path from 'node:path';
import { embeddedLongText, isSingleExecutable } from '../../src/embedded/embedded.ts';
import { type Option, type OptionKey, OPTIONS } from '../../src/options.ts';
import type { Context } from './context.ts';
import type { Command } from './define-command.ts';
import { GLOBAL_OPTIONS } from './global-flags.ts';

export interface OwnCommand {
  program: string;
  args: string[];
  env: NodeJS.ProcessEnv;
}

/**
 * How to run a command of this very program in a process of its own, with those of the given flags that it knows.
 * Secrets go through the environment: everyone may read a command line.
 */
export function ownCommand(context: Context, command: Command, words: readonly string[] = []): OwnCommand {
  const env = { ...context.env };
  const flags: string[] = [];
  for (const key of [...GLOBAL_OPTIONS, ...command.options] as OptionKey[]) {
    const option: Option = OPTIONS[key];
    const value = context.options[key];
    if (value === undefined) continue;
    const [name = ''] = option.flag!.split(' ');
    if (option.secret) env[option.env![0]!] = String(value);
    else flags.push(value === true ? name : `${name}=${String(value)}`);
  }
  if (context.globals.config !== undefined) flags.push(`--config=${context.globals.config}`);
  // In a single executable the program is Node and the script in one.
  const script = isSingleExecutable() ? [] : [...process.execArgv, process.argv[1]!];
  return { program: process.execPath, args: [...script, command.name, ...words, ...flags, '--quiet'], env };
}

/** The program of the lock thread: inside a single executable, or beside this one, be it built or a source. */
export function lockThread(): { file: string } | { source: string } {
  if (isSingleExecutable()) return { source: embeddedLongText('lock-thread.cjs') };
  const program = fs.realpathSync(process.argv[1]!);
  return { file: path.join(path.dirname(program), `lock-thread${path.extname(program)}`) };
}
