import { JobQueueError } from '../errors.ts';
import { didYouMean } from '../lib/nearest.ts';
import { type Option, type OptionKey, OPTIONS } from '../options.ts';

/** One value that somebody set. */
export interface Setting {
  row: OptionKey;
  /** The row's path with names for its `*`; a name may hold dots. */
  path: readonly string[];
  raw: unknown;
  /** Where it comes from, as errors and `jq config show` name it. */
  origin: string;
}
/** By the setting's path, joined with dots. */
export type Settings = Map<string, Setting>;

/** What a file says. */
export interface FileSettings {
  settings: Settings;
  /** Queues that it names, also those of which it says nothing more. */
  queues: string[];
}

const ROWS = Object.entries(OPTIONS) as [OptionKey, Option][];
const setting = (row: OptionKey, raw: unknown, origin: string): Setting => ({ row, path: row.split('.'), raw, origin });
const isBranch = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** The built-in values. Rows with a `*` have none: there is no name yet to set them for. */
export function defaultSettings(): Settings {
  return new Map(
    ROWS.filter(([, option]) => option.default !== undefined).map(([row, option]) => [
      row,
      setting(row, option.default, 'default'),
    ]),
  );
}

export function environmentSettings(env: NodeJS.ProcessEnv): Settings {
  const settings: Settings = new Map();
  for (const [row, option] of ROWS) {
    const name = option.env?.find((each) => env[each] !== undefined && env[each] !== '');
    if (name !== undefined) settings.set(row, setting(row, env[name], name));
  }
  return settings;
}

export function flagSettings(flags: Flags): Settings {
  const settings: Settings = new Map();
  for (const [row, raw] of Object.entries(flags) as [OptionKey, string | boolean | undefined][]) {
    const option: Option = OPTIONS[row];
    if (raw !== undefined) settings.set(row, setting(row, raw, option.flag!.split(' ')[0]!));
  }
  return settings;
}
export type Flags = Partial<Record<OptionKey, string | boolean | undefined>>;

/**
 * The settings of a configuration file.
 * @throws JobQueueError INVALID_CONFIG for a key that no row of the option table has.
 */
export function fileSettings(content: unknown, file: string): FileSettings {
  if (!isBranch(content)) {
    throw new JobQueueError('INVALID_CONFIG', `Expected ${file} to export an object, got ${describe(content)}`, {
      hint: 'export default defineConfig({ … })',
    });
  }
  const found: FileSettings = { settings: new Map(), queues: [] };
  collect(content, [], found, file);
  return found;
}

function collect(branch: Record<string, unknown>, path: string[], found: FileSettings, file: string): void {
  if (path[0] === 'queues' && path.length === 2) found.queues.push(path[1]!);
  for (const [name, raw] of Object.entries(branch)) {
    if (raw === undefined) continue;
    const here = [...path, name];
    const row = ROWS.find(([key]) => fits(key.split('.'), here));
    if (row) found.settings.set(here.join('.'), { row: row[0], path: here, raw, origin: file });
    else if (isBranch(raw) && ROWS.some(([key]) => fits(key.split('.').slice(0, here.length), here)))
      collect(raw, here, found, file);
    else throw unknownOrMisplaced(here, raw, file);
  }
}

const fits = (pattern: string[], path: string[]): boolean =>
  pattern.length === path.length && pattern.every((part, index) => part === '*' || part === path[index]);

function unknownOrMisplaced(path: string[], raw: unknown, file: string): JobQueueError {
  const key = path.join('.');
  const siblings = ROWS.map(([row]) => row.split('.'))
    .filter((row) => row.length >= path.length && fits(row.slice(0, path.length - 1), path.slice(0, -1)))
    .map((row) => row[path.length - 1]!);
  if (siblings.includes(path.at(-1)!) || siblings.includes('*')) {
    return new JobQueueError('INVALID_CONFIG', `Expected \`${key}\` to be an object, got ${describe(raw)} (${file})`);
  }
  const names = [...new Set(siblings)];
  return new JobQueueError('INVALID_CONFIG', `Unknown option \`${key}\` (${file})`, {
    hint: didYouMean(path.at(-1)!, names) ?? (names.length > 0 ? `Options here: ${names.join(', ')}` : undefined),
  });
}

/** A wrong value as an error shows it, short. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return `"${value.length > 60 ? `${value.slice(0, 60)}…` : value}"`;
  if (Array.isArray(value)) return 'a list';
  if (isBranch(value)) return 'an object';
  return typeof value === 'function' ? 'a function' : String(value);
}
