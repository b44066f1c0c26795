import type { Config } from '../../src/config/load-config.ts';
import { type Option, type OptionKey, OPTIONS } from '../../src/options.ts';
import { defineCommand } from '../framework/define-command.ts';
import { printRows } from '../framework/print-rows.ts';

interface Row {
  key: string;
  /** As people write it, secrets masked; null when it is not set. */
  value: string | null;
  origin: string;
}

const FLAGGED = (Object.entries(OPTIONS) as [OptionKey, Option][])
  .filter(([, option]) => option.flag)
  .map(([key]) => key);
const NOT_SET = 'not set';

export const configShow = defineCommand({
  name: 'show',
  summary: 'print every option, its value, and where that comes from',
  description:
    'Order: default, then the file, then the environment, then flags; the last one counts. Secrets are masked.',
  arguments: {},
  options: FLAGGED.filter((key) => !key.startsWith('redis.')),
  flags: {},
  examples: [
    { run: 'jq config show', says: 'what is in force here' },
    { run: 'JQ_CONCURRENCY=20 jq config show --json', says: 'as data, with one value from the environment' },
  ],
  async run(context) {
    const { maskUrl } = await import('../../src/broker/target.ts');
    const config = await context.loadConfig();
    const rows = rowsOf(config, maskUrl);
    if (context.forPerson)
      context.note(context.paintNote('dim', `Configuration: ${config.file ?? 'no file, so defaults'}`));
    printRows(context, {
      columns: [
        { title: 'OPTION', value: (row) => row.key },
        { title: 'VALUE', value: (row) => row.value, flexible: true },
        { title: 'FROM', value: (row) => row.origin, flexible: true },
      ],
      rows,
      json: { file: config.file ?? null, options: rows },
      id: (row) => row.key,
      empty: '',
    });
  },
});

/** Set options in the order of the table, each name of the user's under its row, then what is not set. */
function rowsOf({ origins }: Config, mask: (url: string) => string): Row[] {
  return (Object.entries(OPTIONS) as [OptionKey, Option][]).flatMap(([row, option]): Row[] => {
    const set = [...origins].filter(([, each]) => each.row === row);
    if (set.length === 0) return row.includes('*') ? [] : [{ key: row, value: null, origin: NOT_SET }];
    return set.map(([key, { value, origin }]) => {
      const text = option.kind.render(value);
      return { key, value: option.secret ? mask(text) : text, origin };
    });
  });
}
