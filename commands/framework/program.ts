import { Argument, Command as CommanderCommand, CommanderError, Option } from 'commander';
import type { Flags } from '../../src/config/layers.ts';
import { JobQueueError } from '../../src/errors.ts';
import { didYouMean } from '../../src/lib/nearest.ts';
import { type Option as OptionRow, type OptionKey, OPTIONS } from '../../src/options.ts';
import { COMMANDS } from '../index.ts';
import { type Command, type Flag, flagName, flagSyntax, isGroup } from './define-command.ts';
import { GLOBAL_FLAGS, GLOBAL_OPTIONS, type GlobalFlags } from './global-flags.ts';
import { renderCommandHelp, renderOverview, renderProgramHelp, renderGroupHelp } from './render-help.ts';
import { renderVersion } from './render-version.ts';

/** What a command line asks for: a command with its checked words, or a text to print. */
export type Call = CommandCall | { text: string };

export interface CommandCall {
  command: Command;
  /** What `command.run` takes: checked by the rows of the command itself. */
  input: Parameters<Command['run']>[1];
  globals: GlobalFlags;
  /** The rows of the option table that were set by flags. */
  options: Flags;
}

/**
 * Reads a command line (without the program's name).
 * @throws JobQueueError USAGE
 */
export function parseCall(argv: readonly string[]): Call {
  let call: Call | undefined;
  const words = withBareOptionalFlags(argv);
  const program = buildProgram(words, (found) => (call = found));
  const { operands, unknown } = program.parseOptions(words);
  const globals = program.opts<GlobalFlags & { version?: boolean }>();
  if (globals.version) return { text: renderVersion(globals) };
  if (operands.length === 0 && unknown.length === 0) return { text: renderOverview() };
  try {
    program.parse(words, { from: 'user' });
  } catch (error) {
    // commander leaves by throwing, also when it was asked for help.
    if (!call) throw error;
  }
  return call!;
}

function buildProgram(words: readonly string[], found: (call: Call) => void): CommanderCommand {
  const program = new CommanderCommand('jq').helpCommand(false).option('--version', 'Print the version');
  prepare(program, () => renderProgramHelp(), found);
  addFlags(program, GLOBAL_FLAGS);
  addOptionFlags(program, GLOBAL_OPTIONS);
  // A line that begins with a command needs no other one built, which takes time; help comes from the table anyway.
  const named = COMMANDS.filter((each) => each.name === words[0]);
  for (const each of named.length > 0 ? named : COMMANDS) {
    const child = program.command(each.name);
    if (isGroup(each)) {
      prepare(child, () => renderGroupHelp(each), found);
      for (const row of each.subcommands) addCommand(child.command(row.name), row, found);
    } else {
      addCommand(child, each, found);
    }
  }
  return program;
}

function addCommand(command: CommanderCommand, row: Command, found: (call: Call) => void): void {
  prepare(command, () => renderCommandHelp(pathOf(command), row), found);
  for (const argument of Object.values(row.arguments)) {
    const label = `${argument.label}${argument.variadic ? '...' : ''}`;
    command.addArgument(new Argument(argument.required ? `<${label}>` : `[${label}]`, argument.description));
  }
  addFlags(command, row.flags);
  addOptionFlags(command, row.options);
  command.action((...given: unknown[]) => {
    const values: Record<string, unknown> = command.optsWithGlobals();
    const optionKeys = [...GLOBAL_OPTIONS, ...row.options];
    found({
      command: row,
      input: {
        args: Object.fromEntries(Object.keys(row.arguments).map((name, index) => [name, given[index]])),
        flags: Object.fromEntries(Object.entries(row.flags).map(([key, flag]) => [key, values[key] ?? absent(flag)])),
      } as CommandCall['input'],
      globals: Object.fromEntries(
        Object.entries<Flag>(GLOBAL_FLAGS).map(([key, flag]) => [key, values[key] ?? absent(flag)]),
      ) as GlobalFlags,
      options: Object.fromEntries(optionKeys.map((key) => [key, values[attributeOf(key)]])) as Flags,
    });
  });
}

/** What every commander command of ours has in common: our help, our errors, nothing printed by itself. */
function prepare(command: CommanderCommand, help: () => string, found: (call: Call) => void): void {
  command
    .configureHelp({ formatHelp: help })
    .configureOutput({ writeOut: () => {}, writeErr: () => {} })
    .exitOverride((error) => {
      if (error.code !== 'commander.helpDisplayed') throw usageError(error, command);
      found({ text: help() });
      throw error;
    });
}

function addFlags(command: CommanderCommand, flags: Record<string, Flag>): void {
  for (const [key, flag] of Object.entries(flags)) {
    const option = new Option(flagSyntax(key, flag), flag.description);
    if (flag.value) {
      option.argParser((text: string, earlier: unknown) => {
        const value = flag.optional && text === '' ? true : parseValue(text, flagName(key), flag);
        return flag.repeatable ? [...((earlier as unknown[] | undefined) ?? []), value] : value;
      });
    }
    command.addOption(option);
  }
}

// Their values stay text: the configuration checks them like those of the other layers.
function addOptionFlags(command: CommanderCommand, keys: readonly OptionKey[]): void {
  for (const key of keys) {
    const row: OptionRow = OPTIONS[key];
    command.addOption(new Option(row.flag!, row.description));
  }
}

const attributeOf = (key: OptionKey): string => new Option((OPTIONS[key] as OptionRow).flag!).attributeName();
const absent = (flag: Flag): unknown => (flag.repeatable ? [] : flag.value ? undefined : false);

function parseValue(text: string, name: string, { kind, complete = [] }: Flag): unknown {
  const value = kind ? kind.parse(text) : text;
  if (value !== undefined) return value;
  const hint = typeof complete === 'string' ? undefined : didYouMean(text, complete);
  throw new JobQueueError('USAGE', `Expected ${name} to be ${kind!.expected}, got "${text}"`, { hint });
}

function pathOf(command: CommanderCommand): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}

/** commander says `error: unknown option '--paylod'\n(Did you mean --payload?)`. */
function usageError(error: CommanderError, command: CommanderCommand): JobQueueError {
  const path = pathOf(command);
  if (error.code === 'commander.help') {
    const names = command.commands.map((each) => each.name()).join(', ');
    return new JobQueueError('USAGE', `Expected one of ${names} after "${path}"`, { hint: `See: ${path} --help` });
  }
  const [message = '', suggestion = ''] = error.message.replace(/^error: /, '').split('\n');
  const hint = [suggestion.replace(/^\((.*)\)$/, '$1'), `See: ${path} --help`].filter(Boolean).join(' ');
  return new JobQueueError('USAGE', message.charAt(0).toUpperCase() + message.slice(1), { hint });
}

/**
 * A value that may be left out is only taken from `--wait=30s`: in `--wait send-email` the next word is an argument.
 * commander would take it, so a bare `--wait` becomes `--wait=`.
 */
function withBareOptionalFlags(argv: readonly string[]): string[] {
  const end = argv.indexOf('--');
  return argv.map((word, index) => (OPTIONAL_FLAGS.has(word) && (end === -1 || index < end) ? `${word}=` : word));
}

const OPTIONAL_FLAGS: ReadonlySet<string> = new Set(
  COMMANDS.flatMap((each) => (isGroup(each) ? each.subcommands : [each])).flatMap((each) =>
    Object.entries(each.flags)
      .filter(([, flag]) => flag.optional)
      .map(([key]) => flagName(key)),
  ),
);
