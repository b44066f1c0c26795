import fs from 'node:fs';
import path from 'node:path';
import {
  flagSyntax,
  type Argument,
  type Command,
  type Flag,
  isGroup,
} from '../../commands/framework/define-command.ts';
import { GLOBAL_FLAGS, GLOBAL_OPTIONS } from '../../commands/framework/global-flags.ts';
import { COMMANDS } from '../../commands/index.ts';
import { ERRORS } from '../../src/errors.ts';
import { type Option, type OptionKey, OPTIONS } from '../../src/options.ts';

/** The manual page jq(1), from the tables of commands, options and errors. See groff_man(7). */
export function renderManPage(): string {
  const { version } = JSON.parse(fs.readFileSync(path.resolve(import.meta.dirname, '../../package.json'), 'utf8')) as {
    version: string;
  };
  const commands = COMMANDS.flatMap((row) =>
    isGroup(row)
      ? row.subcommands.map((each) => ({ name: `${row.name} ${each.name}`, command: each }))
      : [{ name: row.name, command: row }],
  ).filter(({ command }) => !command.hidden);
  return [
    `.TH JQ 1 "" "jobqueue ${version}" "jobqueue"`,
    '.SH NAME',
    'jq, jobq \\- run background jobs: one executable, one Redis',
    '.SH SYNOPSIS',
    '.B jq',
    '.I COMMAND',
    '[arguments] [flags]',
    '.SH DESCRIPTION',
    roff(
      'jq, the job queue, takes jobs in over HTTP or the command line, keeps them in one Redis, and runs them in workers. A call that can only be meant for jq, the JSON tool, is handed to it where it is on the PATH; the job queue is also called jobq.',
    ),
    '.SH COMMANDS',
    ...commands.flatMap(({ name, command }) => renderCommand(name, command)),
    '.SH FLAGS OF EVERY COMMAND',
    ...GLOBAL_OPTIONS.flatMap(optionRow),
    ...flagRows(GLOBAL_FLAGS),
    ...row('-h, --help', 'Explain the command'),
    ...row('--version', 'Print the versions of jq, Node and BullMQ'),
    '.SH ENVIRONMENT',
    ...(Object.entries(OPTIONS) as [OptionKey, Option][]).flatMap(([, { env = [], description }]) =>
      env.length === 0 ? [] : row(env.join(', '), description),
    ),
    '.SH EXIT STATUS',
    ...row('0', 'done'),
    ...[...new Set(Object.values(ERRORS).map(({ exitCode }) => exitCode))]
      .toSorted((a, b) => a - b)
      .flatMap((code) => row(String(code), meaningsOf(code))),
    ...row('130, 143', 'ended by SIGINT, by SIGTERM'),
    '.SH FILES',
    ...row('jobqueue.config.ts', 'the configuration: jq help config'),
    ...row('handlers/', 'a file is a type of job: jq help handlers'),
    ...row('.jobqueue/', 'the data of the local Redis of a project'),
    '',
  ].join('\n');
}

function renderCommand(name: string, command: Command): string[] {
  const words = Object.values(command.arguments).map(syntaxOf);
  return [
    `.SS ${roff(['jq', name, ...words].join(' '))}`,
    sentence(command.summary),
    ...(command.description ? ['.PP', roff(command.description)] : []),
    ...Object.values(command.arguments).flatMap((each) => row(each.label, each.description)),
    ...flagRows(command.flags),
    ...command.options.flatMap(optionRow),
    ...command.examples.flatMap(({ run, says }) => [
      '.PP',
      `${sentence(says)}`,
      '.PP',
      '.RS',
      '.nf',
      roff(run),
      '.fi',
      '.RE',
    ]),
  ];
}

const flagRows = (flags: Record<string, Flag>): string[] =>
  Object.entries(flags).flatMap(([key, flag]) => row(flagSyntax(key, flag), flag.description));

function optionRow(key: OptionKey): string[] {
  const { flag, description, default: preset }: Option = OPTIONS[key];
  return row(flag!, preset === undefined ? description : `${description} (default ${String(preset)})`);
}

function syntaxOf({ label, required, variadic }: Argument): string {
  const word = variadic ? `${label}...` : label;
  return required ? word : `[${word}]`;
}

const meaningsOf = (code: number): string =>
  Object.values(ERRORS)
    .filter(({ exitCode }) => exitCode === code)
    .map(({ meaning }) => meaning)
    .join('; ');

const row = (term: string, meaning: string): string[] => ['.TP', `.B ${roff(term)}`, roff(meaning)];

const sentence = (text: string): string => roff(`${text.charAt(0).toUpperCase()}${text.slice(1)}.`);

/** Text as roff prints it: a dash is a minus, and no line is a request. */
const roff = (text: string): string =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('…', '...')
    .split('\n')
    .map((line) => line.replace(/^([.'])/, '\\&$1'))
    .join('\n');
