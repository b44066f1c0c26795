import { columnsOf, pad } from '../../src/lib/text.ts';
import { type Option, type OptionKey, OPTIONS } from '../../src/options.ts';
import { TOPICS } from '../help/topics.ts';
import { COMMANDS } from '../index.ts';
import {
  type Argument,
  type Command,
  type CommandGroup,
  type Example,
  flagSyntax,
  type Flag,
  type Group,
  GROUPS,
  isGroup,
} from './define-command.ts';
import { GLOBAL_FLAGS, GLOBAL_OPTIONS } from './global-flags.ts';

type Row = readonly [term: string, description: string];

/** What bare `jq` prints. */
export function renderOverview(): string {
  return `jq runs background jobs: one executable, one Redis.

  jq enqueue send-email --payload '{"to":"ana@example.com"}'
  jq work --concurrency 5

${GROUPS.map((group) => `  ${pad(group, 9)} ${namesOf(group).join(', ')}`).join('\n')}

jq COMMAND --help explains a command, jq --help lists them all.
`;
}

/** What `jq --help` prints. */
export function renderProgramHelp(): string {
  const groups = GROUPS.map((group) =>
    section(
      `${group}:`,
      LEAVES.filter((leaf) => leaf.group === group).map((leaf) => leaf.row),
    ),
  );
  return sections([
    'jq runs background jobs: one executable, one Redis.',
    'Usage: jq COMMAND [arguments] [flags]',
    ...groups,
    globalFlags(),
    `More: jq COMMAND --help, or jq help TOPIC about ${Object.keys(TOPICS).join(', ')}`,
  ]);
}

/** What `jq help WORDS` prints about a command or a group of them; `undefined` when there is none of that name. */
export function renderHelpOn([name, subname, ...rest]: readonly string[]): string | undefined {
  if (name === undefined) return renderProgramHelp();
  const found = COMMANDS.find((each) => each.name === name);
  if (!found || rest.length > 0) return undefined;
  if (!isGroup(found)) return subname === undefined ? renderCommandHelp(`jq ${name}`, found) : undefined;
  if (subname === undefined) return renderGroupHelp(found);
  const subcommand = found.subcommands.find((each) => each.name === subname);
  return subcommand && renderCommandHelp(`jq ${name} ${subname}`, subcommand);
}

export function renderGroupHelp(group: CommandGroup): string {
  return sections([
    `jq ${group.name}: ${group.summary}`,
    group.description,
    section(
      'Commands:',
      group.subcommands.map((each) => rowOf(each, group)),
    ),
    renderExamples(group.subcommands.flatMap((each) => each.examples.slice(0, 1))),
    `More: jq ${group.name} COMMAND --help`,
  ]);
}

export function renderCommandHelp(path: string, command: Command): string {
  const words = Object.values(command.arguments).map(syntaxOf);
  return sections([
    `${path}: ${command.summary}`,
    `Usage: ${[path, ...words, '[flags]'].join(' ')}`,
    command.description,
    renderExamples(command.examples),
    section(
      'Arguments:',
      Object.values(command.arguments).map((each) => [syntaxOf(each), each.description]),
    ),
    section('Flags:', [...flagRows(command.flags), ...command.options.map(optionRow)]),
    globalFlags(),
  ]);
}

/** Every command that help lists, under its own heading or that of its group. */
const LEAVES: { group: Group | undefined; row: Row }[] = COMMANDS.flatMap((each) => {
  if (isGroup(each))
    return each.subcommands.map((leaf) => ({ group: leaf.group ?? each.group, row: rowOf(leaf, each) }));
  return each.hidden ? [] : [{ group: each.group, row: rowOf(each) }];
});

const namesOf = (group: Group): string[] =>
  COMMANDS.filter((each) => each.group === group && (isGroup(each) || !each.hidden)).map((each) => each.name);

function rowOf(command: Command, parent?: CommandGroup): Row {
  const path = parent ? `jq ${parent.name} ${command.name}` : `jq ${command.name}`;
  return [path, command.summary];
}

function syntaxOf({ label, required, variadic }: Argument): string {
  const word = variadic ? `${label}…` : label;
  return required ? word : `[${word}]`;
}

const globalFlags = (): string =>
  section('Flags of every command:', [
    ...GLOBAL_OPTIONS.map(optionRow),
    ...flagRows(GLOBAL_FLAGS),
    ['-h, --help', 'Explain the command'],
    ['--version', 'Print the versions of jq, Node and BullMQ'],
  ]);

const flagRows = (flags: Record<string, Flag>): Row[] =>
  Object.entries(flags).map(([key, flag]) => [flagSyntax(key, flag).replace(/ \[(\w+)\]$/, '[=$1]'), flag.description]);

function optionRow(key: OptionKey): Row {
  const option: Option = OPTIONS[key];
  const facts = [
    option.default === undefined || option.default === false ? '' : `default ${String(option.default)}`,
    option.env ? `env ${option.env.join(', ')}` : '',
  ].filter(Boolean);
  return [option.flag!, option.description + (facts.length > 0 ? ` (${facts.join('; ')})` : '')];
}

/** Two columns under a heading. A term that is too long for its column gets a line of its own. */
function section(heading: string, rows: readonly Row[]): string {
  if (rows.length === 0) return '';
  const width = Math.min(28, Math.max(...rows.map(([term]) => columnsOf(term))));
  const lines = rows.map(([term, description]) =>
    columnsOf(term) > width
      ? `  ${term}\n  ${pad('', width)}  ${description}`
      : `  ${pad(term, width)}  ${description}`,
  );
  return [heading, ...lines].join('\n');
}

const sections = (parts: readonly (string | undefined)[]): string => `${parts.filter(Boolean).join('\n\n')}\n`;

const renderExamples = (examples: readonly Example[]): string =>
  examples.length === 0
    ? ''
    : ['Examples:', ...examples.flatMap(({ run, says }) => [`  # ${says}`, `  ${run}`])].join('\n');
