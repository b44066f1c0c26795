import path from 'node:path';
import { JobQueueError } from '../errors.ts';
import { type ConfigValues, type Option, OPTIONS, QUEUE_NAME } from '../options.ts';
import { findConfigFile } from './find-file.ts';
import {
  defaultSettings,
  describe,
  environmentSettings,
  type FileSettings,
  fileSettings,
  type Flags,
  flagSettings,
  type Setting,
  type Settings,
} from './layers.ts';
import { findProjectFolder } from './project-folder.ts';

/** The checked, frozen configuration and where each of its values comes from. */
export interface Config {
  readonly values: ConfigValues;
  /** By concrete key, e.g. `queues.mail.concurrency`; values as the program uses them. */
  readonly origins: ReadonlyMap<string, CheckedSetting>;
  /** The configuration file, if there is one. */
  readonly file: string | undefined;
  /** The project's folder: that of the file, else the nearest that looks like one. Relative paths start here. */
  readonly folder: string;
  /** The environment that it was read from: the only one that the program looks at. */
  readonly env: NodeJS.ProcessEnv;
}

export interface CheckedSetting extends Setting {
  /** As the program uses it. */
  value: unknown;
}

export interface ConfigSources {
  cwd: string;
  env: NodeJS.ProcessEnv;
  flags?: Flags;
  /** Instead of looking for one. */
  file?: string | undefined;
}

/**
 * Finds, merges (default < file < environment < flag), checks and freezes the configuration.
 * @throws JobQueueError INVALID_CONFIG naming the key, what was expected, what was got, and where it was set.
 */
export async function loadConfig({ cwd, env, flags = {}, file }: ConfigSources): Promise<Config> {
  const found = await findConfigFile(cwd, file);
  const name = found && (path.relative(cwd, found.file) || found.file);
  const written: FileSettings = found ? fileSettings(found.content, name!) : { settings: new Map(), queues: [] };
  const settings = new Map([
    ...defaultSettings(),
    ...written.settings,
    ...environmentSettings(env),
    ...flagSettings(flags),
  ]);
  const origins = new Map([...settings].map(([key, setting]) => [key, { ...setting, value: check(setting) }]));
  assertQueueNames(written.queues, name);
  assertRateLimitsWhole(settings);
  return Object.freeze({
    values: nest([...origins.values()], written.queues),
    origins,
    file: found?.file,
    folder: found ? path.dirname(found.file) : findProjectFolder(cwd),
    env,
  });
}

function check({ row, path: names, raw, origin }: Setting): unknown {
  const { kind, secret }: Option = OPTIONS[row];
  const key = names.join('.');
  const value = kind.parse(raw);
  if (value === undefined) {
    const name = origin.startsWith('--') || /^[A-Z_]+$/.test(origin) ? origin : `\`${key}\``;
    const place = name === origin ? '' : ` (${origin})`;
    const got = secret && typeof raw === 'string' ? 'something else, not shown because it is secret' : describe(raw);
    throw new JobQueueError('INVALID_CONFIG', `Expected ${name} to be ${kind.expected}, got ${got}${place}`);
  }
  return value;
}

function assertQueueNames(queues: readonly string[], file: string | undefined): void {
  const wrong = queues.find((queue) => !QUEUE_NAME.test(queue));
  if (wrong === undefined) return;
  throw new JobQueueError(
    'INVALID_CONFIG',
    `Expected the names in \`queues\` to be letters, digits and ._-, got ${describe(wrong)} (${file})`,
  );
}

function assertRateLimitsWhole(settings: Settings): void {
  for (const [key, { path: names, origin }] of settings) {
    if (names[2] !== 'rateLimit') continue;
    const other = [...names.slice(0, 3), names[3] === 'max' ? 'per' : 'max'].join('.');
    if (!settings.has(other)) {
      throw new JobQueueError('INVALID_CONFIG', `Expected \`${other}\` beside \`${key}\`, got nothing (${origin})`);
    }
  }
}

type Tree = { [name: string]: unknown };

/** The settings as nested objects, frozen; every branch of the table exists, also an empty one. */
function nest(settings: readonly CheckedSetting[], queues: readonly string[]): ConfigValues {
  const root: Tree = {};
  const branchAt = (names: readonly string[]): Tree =>
    names.reduce<Tree>((tree, name) => (tree[name] ??= Object.create(null) as Tree) as Tree, root);
  for (const row of Object.keys(OPTIONS)) {
    const fixed = row.split('.').slice(0, -1);
    const star = fixed.indexOf('*');
    branchAt(star === -1 ? fixed : fixed.slice(0, star));
  }
  for (const queue of queues) branchAt(['queues', queue]);
  for (const { path: names, value } of settings) branchAt(names.slice(0, -1))[names.at(-1)!] = value;
  return deepFreeze(root) as ConfigValues;
}

function deepFreeze(value: unknown): unknown {
  if (value !== null && typeof value === 'object') Object.values(Object.freeze(value)).forEach(deepFreeze);
  return value;
}
