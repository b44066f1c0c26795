import path from 'node:path';
import { cosmiconfig, type CosmiconfigResult, defaultLoaders } from 'cosmiconfig';
import { JobQueueError, messageOf } from '../errors.ts';
import { loadModule } from '../loader/load-module.ts';

const MODULE_ENDINGS = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs'] as const;

/** The names of a configuration file, in the order in which they are looked for in each folder. */
export const CONFIG_FILES = [
  ...[...MODULE_ENDINGS, '.json', '.yaml', '.yml'].map((ending) => `jobqueue.config${ending}`),
  'package.json',
];

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
  // Node's own import(): knows TypeScript, and works inside the executable.
  const importDefault = async (filePath: string) => (await loadModule(filePath, { fresh: true })).default;
  const explorer = cosmiconfig('jobqueue', {
    searchPlaces: CONFIG_FILES,
    loaders: { ...defaultLoaders, ...Object.fromEntries(MODULE_ENDINGS.map((ending) => [ending, importDefault])) },
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
  if (!found) return undefined;
  return { file: found.filepath, content: found.isEmpty ? {} : found.config };
}
