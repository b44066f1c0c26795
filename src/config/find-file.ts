import path from 'node:path';
import { cosmiconfig, type CosmiconfigResult, defaultLoaders } from 'cosmiconfig';
import { JobQueueError, messageOf } from '../errors.ts';
import { parseJson } from '../lib/json.ts';
import { loadModule } from '../loader/load-module.ts';
import { renderPlace } from '../loader/render-place.ts';

const MODULE_ENDINGS = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs'] as const;

/** The names of a configuration file, in the order in which they are looked for in each folder. */
export const CONFIG_FILES = [
  ...[...MODULE_ENDINGS, '.json', '.yaml', '.yml'].map((ending) => `jobqueue.config${ending}`),
  'package.json',
];

// Node's own import(): knows TypeScript, and works inside the executable.
async function importDefault(file: string): Promise<unknown> {
  try {
    return (await loadModule(file, { fresh: true })).default;
  } catch (error) {
    // The code of what the file threw must not reach cosmiconfig: ENOENT there means that the file is not there.
    throw new Error(`${renderPlace(error, file)}${messageOf(error)}`, { cause: error });
  }
}

function readJson(_file: string, text: string): unknown {
  const parsed = parseJson(text);
  if ('value' in parsed) return parsed.value;
  const { line, column, reason } = parsed.fault;
  throw new Error(`line ${line}, column ${column}: ${reason}`);
}

function readYaml(file: string, text: string): unknown {
  // Comments alone are no document, but a good beginning.
  if (text.split('\n').every((line) => /^\s*(#|$)/.test(line))) return {};
  try {
    return defaultLoaders['.yaml'](file, text) as unknown;
  } catch (error) {
    // `YAML Error in …`, then what it is, then a picture of the place.
    throw Object.assign(error as Error, { message: (error as Error).message.split('\n')[1] });
  }
}

const LOADERS = {
  ...Object.fromEntries(MODULE_ENDINGS.map((ending) => [ending, importDefault])),
  '.json': readJson,
  '.yaml': readYaml,
  '.yml': readYaml,
};

/** A configuration file as written: not checked yet. */
export interface ConfigFile {
  file: string;
  content: unknown;
}

/**
 * The configuration file: `file` itself, or the first of {@link CONFIG_FILES} from `folder` upward; `undefined` when there is none.
 * @throws JobQueueError INVALID_CONFIG when the file is not there or cannot be read as what its name says.
 */
export async function findConfigFile(folder: string, file?: string): Promise<ConfigFile | undefined> {
  const explorer = cosmiconfig('jobqueue', {
    searchPlaces: CONFIG_FILES,
    loaders: LOADERS,
    searchStrategy: 'global',
    stopDir: path.parse(folder).root,
    cache: false,
  });
  let found: CosmiconfigResult;
  try {
    found = file === undefined ? await explorer.search(folder) : await explorer.load(path.resolve(folder, file));
  } catch (error) {
    const place = (error as { filepath?: string }).filepath ?? file;
    const reason = (error as { code?: string }).code === 'ENOENT' ? 'no such file' : messageOf(error).split('\n')[0];
    throw new JobQueueError('INVALID_CONFIG', `Cannot load the configuration${place ? ` ${place}` : ''}: ${reason}`, {
      cause: error,
    });
  }
  // cosmiconfig looks into the user's own folder of settings at last: that is no project.
  if (!found || (file === undefined && !CONFIG_FILES.includes(path.basename(found.filepath)))) return undefined;
  return { file: found.filepath, content: found.isEmpty ? {} : found.config };
}
