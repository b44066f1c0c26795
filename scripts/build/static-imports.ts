import type { Metafile } from 'esbuild';

/** What must not be loaded at start, but only by the command that uses it: each costs more than the start itself. */
export const LAZY_PACKAGES = ['bullmq', 'cosmiconfig', 'fastify', 'ink', 'ioredis', 'react', 'sucrase'] as const;

/** What the server must not load before somebody opens the page that uses it. */
export const LAZY_PAGES = ['@bull-board/api', '@bull-board/fastify', '@fastify/swagger-ui'] as const;

/**
 * The way from an entry to one of some packages by imports that run at start, file by file, or `undefined` when only
 * `import()` leads there. Types and what esbuild has dropped are no imports.
 */
export function findStaticImport(
  { inputs }: Pick<Metafile, 'inputs'>,
  entry: string,
  packages: readonly string[],
): string[] | undefined {
  const cameFrom = new Map<string, string | undefined>([[entry, undefined]]);
  for (const file of cameFrom.keys()) {
    if (packages.some((name) => file.includes(`node_modules/${name}/`))) return wayTo(file, cameFrom);
    for (const { path, kind, external } of inputs[file]?.imports ?? []) {
      if (kind !== 'dynamic-import' && !external && !cameFrom.has(path)) cameFrom.set(path, file);
    }
  }
  return undefined;
}

function wayTo(file: string, cameFrom: ReadonlyMap<string, string | undefined>): string[] {
  const before = cameFrom.get(file);
  return before === undefined ? [file] : [...wayTo(before, cameFrom), file];
}
