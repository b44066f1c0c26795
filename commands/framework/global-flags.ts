import { oneOf, text } from '../../src/lib/value-kind.ts';
import type { OptionKey } from '../../src/options.ts';
import type { Flag, FlagValues } from './define-command.ts';

export const OUTPUT_FORMATS = ['table', 'json', 'jsonl', 'tsv', 'id'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

const COLOR_CHOICES = ['auto', 'always', 'never'] as const;

/** Flags of every command, before or after its name. */
export const GLOBAL_FLAGS = {
  config: {
    value: 'file',
    kind: text('a path'),
    description: 'Configuration file, instead of the one found from here upward',
    complete: 'files',
  },
  json: { description: 'Print JSON: short for --output json; errors are JSON too' },
  output: {
    value: 'format',
    kind: oneOf(...OUTPUT_FORMATS),
    description: `${OUTPUT_FORMATS.join(', ')} (default: table on a terminal, else tsv)`,
    complete: OUTPUT_FORMATS,
  },
  color: {
    value: 'when',
    kind: oneOf(...COLOR_CHOICES),
    description: `${COLOR_CHOICES.join(', ')} (default: auto, which heeds NO_COLOR)`,
    complete: COLOR_CHOICES,
  },
  quiet: { short: 'q', description: 'Nothing on stderr but errors' },
  verbose: { short: 'v', description: 'Show the stack and the cause of every error' },
} as const satisfies Record<string, Flag>;

/** Rows of the option table that every command has as flags. */
export const GLOBAL_OPTIONS = ['redis.url', 'redis.allowEviction'] as const satisfies readonly OptionKey[];

export type GlobalFlags = FlagValues<typeof GLOBAL_FLAGS>;
