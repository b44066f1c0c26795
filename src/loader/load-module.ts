import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { installHooks } from './hooks.ts';

let importFromDisk: ((url: string) => Promise<unknown>) | undefined;
let generation = 0;

/**
 * Imports one of the user's files: TypeScript or JavaScript, ESM or CommonJS. Their `import … from 'jobqueue'` gets
 * this very program, and their packages are found from where the file is.
 *
 * Inside a single executable the embedder's own `import()` knows built-in modules only; a CommonJS module that comes
 * through the hooks gets Node's real one.
 *
 * @throws whatever the file throws when it is imported.
 */
export async function loadModule(file: string, { fresh = false } = {}): Promise<{ default?: unknown }> {
  installHooks();
  importFromDisk ??= createRequire(path.join(process.cwd(), 'noop.js'))('jobqueue:importer') as typeof importFromDisk;
  const url = pathToFileURL(file);
  if (fresh) url.searchParams.set('jobqueue', String(++generation));
  const loaded = (await importFromDisk!(url.href)) as { default?: unknown };
  return unwrapCommonJs(loaded);
}

// `module.exports = { default: … }`, as compilers write it, arrives one level too deep.
function unwrapCommonJs(loaded: { default?: unknown }): { default?: unknown } {
  const inner = loaded.default as { __esModule?: boolean; default?: unknown } | undefined;
  return inner && typeof inner === 'object' && inner.__esModule === true && 'default' in inner ? inner : loaded;
}
