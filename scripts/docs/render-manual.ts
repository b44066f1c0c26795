import { format, resolveConfig } from 'prettier';
import { COMMANDS } from '../../commands/index.ts';
import type { Command } from '../../commands/framework/define-command.ts';
import { ERRORS } from '../../src/errors.ts';
import { expectedOf, FIELD_NAMES, FIELDS } from '../../src/jobs/filter/fields.ts';
import { type Option, OPTIONS } from '../../src/options.ts';
import { FIGURES } from '../../src/tui/check.ts';
import { type MetricRow, METRICS } from '../../src/server/metrics/table.ts';
import { groupBindings, keyLabel } from '../../src/tui/bound-keys.ts';
import { BINDINGS } from '../../src/tui/keys.ts';
import { SCREENS } from '../../src/tui/screens/index.ts';

export const MANUAL = 'docs/manual.md';

/** The tables of the manual, by the name that its markers give them. */
const TABLES: Record<string, () => string> = { commands, options, fields, keys, checks, metrics, errors };

/** The manual with each table between `<!-- NAME -->` and `<!-- /NAME -->` made anew. @throws Error for a marker that is missing */
export async function renderManual(text: string): Promise<string> {
  let result = text;
  for (const [name, render] of Object.entries(TABLES)) {
    const place = new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(<!-- /${name} -->)`);
    if (!place.test(result)) throw new Error(`Expected the markers of the table "${name}" in ${MANUAL}`);
    result = result.replace(place, (_whole, before: string, after: string) => `${before}\n${render()}\n\n${after}`);
  }
  return format(result, { ...(await resolveConfig(MANUAL)), parser: 'markdown' });
}

function commands(): string {
  const rows = COMMANDS.flatMap((row): { name: string; command: Command }[] =>
    'subcommands' in row
      ? row.subcommands.map((command) => ({ name: `${row.name} ${command.name}`, command }))
      : [{ name: row.name, command: row }],
  ).filter(({ command }) => !command.hidden);
  return table(
    ['command', 'what it does', 'for example'],
    rows.map(({ name, command }) => [code(`jq ${name}`), command.summary, code(command.examples[0]?.run ?? '')]),
  );
}

function fields(): string {
  const rows = FIELD_NAMES.map((name) => [code(name), expectedOf(name), FIELDS[name].about]);
  return table(['field', 'its values', 'what it is'], rows);
}

function keys(): string {
  const shown = BINDINGS.filter(({ scope }) => scope === 'list' || scope === 'everywhere');
  const titles = (on: readonly (keyof typeof SCREENS)[]) =>
    [...new Set(on.map((id) => SCREENS[id].title.toLowerCase()))].join(', ');
  return table(
    ['key', 'what it does', 'where'],
    groupBindings(shown).map(({ about, bindings }) => [
      bindings.flatMap((binding) => binding.keys.map((key) => code(keyLabel(key)))).join(' '),
      about,
      bindings[0]!.on === undefined ? '' : titles(bindings[0]!.on),
    ]),
  );
}

function options(): string {
  const rows = Object.entries(OPTIONS) as [string, Option][];
  return table(
    ['option', 'value', 'default', 'flag', 'environment', 'what it is'],
    rows.map(([key, { kind, default: preset, flag, env = [], description }]) => [
      code(key),
      kind.expected,
      preset === undefined ? '' : code(String(preset)),
      code(flag ?? ''),
      env.map(code).join(', '),
      description,
    ]),
  );
}

function checks(): string {
  const values = { number: 'a number', time: 'a duration', part: 'a part: `1%`, `0.01`' };
  const rows = Object.entries(FIGURES).map(([name, { kind, about }]) => [code(name), values[kind], about]);
  return table(['figure', 'its values', 'what it is'], rows);
}

function metrics(): string {
  return table(
    ['metric', 'type', 'labels', 'what it is'],
    (Object.entries(METRICS) as [string, MetricRow][]).map(([name, { type, labels, help }]) => [
      code(name),
      type,
      labels.map(code).join(', '),
      help,
    ]),
  );
}

function errors(): string {
  return table(
    ['code', 'exit code', 'HTTP status', 'meaning'],
    Object.entries(ERRORS).map(([name, { exitCode, httpStatus, meaning }]) => [
      code(name),
      `${exitCode}`,
      `${httpStatus}`,
      meaning,
    ]),
  );
}

const code = (text: string): string => (text === '' ? '' : `\`${text}\``);

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
