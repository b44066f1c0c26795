import { type Option, type OptionKey, OPTIONS } from '../../src/options.ts';
import { type Command, type Completion, type Flag, flagName, isGroup } from '../framework/define-command.ts';
import { GLOBAL_FLAGS, GLOBAL_OPTIONS } from '../framework/global-flags.ts';
import { COMMANDS } from '../index.ts';

export interface Candidate {
  word: string;
  description: string;
}

/** What a word may become: candidates from the table, or names that somebody has to look up. */
export type Offer = Candidate[] | Exclude<Completion, readonly string[]>;

interface KnownFlag extends Candidate {
  short: string | undefined;
  /** For a flag whose value is the next word; `[]` when nothing is known of it. */
  value: Completion | undefined;
}

/** What the last of `words`, which may be empty, can be completed to. The words are those after the program's name. */
export function completeWords(words: readonly string[]): Offer {
  const current = words.at(-1) ?? '';
  const { command, names, operands, pending } = walk(words.slice(0, -1));
  if (pending !== undefined) return offerOf(pending, current);
  if (current.startsWith('-')) return starting(current, flagsOf(command));
  if (!command) return starting(current, names);
  const argumentRows = Object.values(command.arguments);
  const row = argumentRows[operands] ?? argumentRows.findLast((each) => each.variadic);
  return offerOf(row?.complete ?? [], current);
}

interface Position {
  /** The command, once its name is complete. */
  command: Command | undefined;
  /** What may stand here while it is not. */
  names: Candidate[];
  /** Words of the command so far. */
  operands: number;
  /** The completion of a flag's value, when the flag is the last word. */
  pending: Completion | undefined;
}

function walk(words: readonly string[]): Position {
  const position: Position = {
    command: undefined,
    names: COMMANDS.filter((each) => isGroup(each) || !each.hidden).map(candidateOf),
    operands: 0,
    pending: undefined,
  };
  let inGroup: readonly Command[] | undefined;
  for (const word of words) {
    if (position.pending !== undefined) position.pending = undefined;
    else if (word.startsWith('-'))
      position.pending = flagsOf(position.command).find((flag) => flag.word === word || flag.short === word)?.value;
    else if (position.command) position.operands += 1;
    else {
      const found = (inGroup ?? COMMANDS).find((each) => each.name === word);
      if (found && isGroup(found)) {
        inGroup = found.subcommands;
        position.names = found.subcommands.map(candidateOf);
      } else {
        position.command = found;
        position.names = [];
      }
    }
  }
  return position;
}

function flagsOf(command: Command | undefined): KnownFlag[] {
  const rows: Record<string, Flag> = {
    ...command?.flags,
    ...GLOBAL_FLAGS,
    help: { short: 'h', description: 'Explain the command' },
  };
  const own = Object.entries(rows).map(([key, flag]) => ({
    word: flagName(key),
    short: flag.short && `-${flag.short}`,
    description: flag.description,
    value: flag.value && !flag.optional ? (flag.complete ?? []) : undefined,
  }));
  return [...own, ...[...(command?.options ?? []), ...GLOBAL_OPTIONS].map(optionFlag)];
}

function optionFlag(key: OptionKey): KnownFlag {
  const option: Option = OPTIONS[key];
  const [word = '', value] = option.flag!.split(' ');
  const completions: Partial<Record<OptionKey, Completion>> = { handlers: 'files', 'work.queues': 'queues' };
  return {
    word,
    short: undefined,
    description: option.description,
    value: value === undefined ? undefined : (completions[key] ?? []),
  };
}

const candidateOf = ({ name, summary }: { name: string; summary: string }): Candidate => ({
  word: name,
  description: summary,
});

const offerOf = (completion: Completion, current: string): Offer =>
  typeof completion === 'string'
    ? completion
    : starting(
        current,
        completion.map((word) => ({ word, description: '' })),
      );

export const starting = (current: string, candidates: readonly Candidate[]): Candidate[] =>
  candidates.filter(({ word }) => word.startsWith(current)).map(({ word, description }) => ({ word, description }));
