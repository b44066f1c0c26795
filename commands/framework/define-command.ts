import type { ValueKind } from '../../src/lib/value-kind.ts';
import type { OptionKey } from '../../src/options.ts';
import type { Context } from './context.ts';

/** The headings under which `jq --help` lists the commands, in order. */
export const GROUPS = ['Run', 'Enqueue', 'Inspect', 'Recover', 'Set up'] as const;
export type Group = (typeof GROUPS)[number];

/** What the shell completes a word to: fixed words, or names that are looked up. */
export type Completion = 'types' | 'queues' | 'fields' | 'files' | readonly string[];

/** A positional word. Without `required` it may be left out; `variadic` takes all that follow. */
export interface Argument {
  /** As help shows it: `TYPE`. */
  label: string;
  description: string;
  required?: true;
  variadic?: true;
  complete?: Completion;
}

/** How the text of a flag becomes its value: any ValueKind will do. */
export type FlagKind<Value = unknown> = Pick<ValueKind<unknown, Value>, 'expected' | 'parse'>;

/** A flag of one command. Its name is the key in the table: `expiresIn` is written `--expires-in`. */
export interface Flag {
  description: string;
  /** What the value is called in help; a flag without one is a switch. */
  value?: string;
  /** Checks and converts the value; without one it stays text. */
  kind?: FlagKind;
  /** The value may be left out, and is `true` then; when given it is written `--flag=value`. */
  optional?: true;
  /** May be given several times; the values form a list. */
  repeatable?: true;
  /** One letter. */
  short?: string;
  complete?: Completion;
}

export interface Example {
  run: string;
  says: string;
}

type ArgumentValue<Row extends Argument> = Row extends { variadic: true }
  ? string[]
  : Row extends { required: true }
    ? string
    : string | undefined;

type GivenValue<Row extends Flag> = Row extends { kind: FlagKind<infer Output> } ? Output : string;
type FlagValue<Row extends Flag> = Row extends { value: string }
  ? Row extends { repeatable: true }
    ? GivenValue<Row>[]
    : Row extends { optional: true }
      ? GivenValue<Row> | true | undefined
      : GivenValue<Row> | undefined
  : boolean;

export type ArgumentValues<Rows> = {
  [Name in keyof Rows]: Rows[Name] extends Argument ? ArgumentValue<Rows[Name]> : never;
};
export type FlagValues<Rows> = { [Name in keyof Rows]: Rows[Name] extends Flag ? FlagValue<Rows[Name]> : never };

/** A number is the exit code, for the cases that no error stands for (a signal); otherwise it is 0. */
export type Outcome = Promise<number | void>;

interface Described {
  name: string;
  /** One line: what it does. */
  summary: string;
  /** More, shown by `--help`. */
  description?: string;
}

interface Definition<Arguments, Flags> extends Described {
  /** A subcommand has that of its parent, unless it says otherwise. */
  group?: Group;
  arguments: Arguments;
  /** Rows of the option table that become flags of this command; their values reach it through the configuration. */
  options: readonly OptionKey[];
  flags: Flags;
  examples: readonly Example[];
  /** Not listed in help. */
  hidden?: true;
  /** Ends by itself when `context.signal` aborts; any other command is left where it is on Ctrl-C. */
  handlesSignals?: true;
  run(context: Context, input: { args: ArgumentValues<Arguments>; flags: FlagValues<Flags> }): Outcome;
}

/** A command as the program sees it: the types of its arguments and flags are known only to itself. */
export type Command = Definition<Record<string, Argument>, Record<string, Flag>>;

/** Commands under one first word: `jq dlq list`. */
export interface CommandGroup extends Described {
  group: Group;
  subcommands: readonly Command[];
}

/**
 * Declares a command once: parsing, help, completion and the tests read it. It is static data, and light: what `run`
 * needs beyond this folder and src/lib is imported inside it, so that `jq --help` loads none of it.
 */
export const defineCommand = <
  const Arguments extends Record<string, Argument>,
  const Flags extends Record<string, Flag>,
>(
  definition: Definition<Arguments, Flags>,
): Command => definition as unknown as Command;

export const isGroup = (command: Command | CommandGroup): command is CommandGroup => 'subcommands' in command;

/** `expiresIn` as it is typed: `--expires-in`. */
export const flagName = (key: string): string => `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** A flag as help and commander write it: `-q, --quiet`, `--delay <duration>`, `--wait [=duration]`. */
export function flagSyntax(key: string, flag: Flag): string {
  const name = `${flag.short ? `-${flag.short}, ` : ''}${flagName(key)}`;
  if (!flag.value) return name;
  return flag.optional ? `${name} [${flag.value}]` : `${name} <${flag.value}>`;
}
