import { expect, it } from 'vitest';
import { findStaticImport } from '../../scripts/build/static-imports.ts';

type Kind = 'import-statement' | 'require-call' | 'dynamic-import';

/** A graph of files as esbuild describes it, from rows of importer, kind and imported file. */
function graph(...edges: [from: string, kind: Kind, to: string][]): Parameters<typeof findStaticImport>[0] {
  const names = new Set(edges.flatMap(([from, , to]) => [from, to]));
  const inputs = [...names].map((name) => {
    const imports = edges.filter(([from]) => from === name).map(([, kind, path]) => ({ kind, path }));
    return [name, { bytes: 1, imports }] as const;
  });
  return { inputs: Object.fromEntries(inputs) };
}

it('names the way to a package that is loaded at start', () => {
  const files = graph(
    ['bin/jq.ts', 'import-statement', 'commands/index.ts'],
    ['commands/index.ts', 'import-statement', 'commands/top.ts'],
    ['commands/top.ts', 'require-call', 'node_modules/ink/build/index.js'],
  );
  const way = ['bin/jq.ts', 'commands/index.ts', 'commands/top.ts', 'node_modules/ink/build/index.js'];
  expect(findStaticImport(files, 'bin/jq.ts', ['ink'])).toEqual(way);
});

it('lets import() lead there', () => {
  const files = graph(
    ['bin/jq.ts', 'dynamic-import', 'commands/top.ts'],
    ['commands/top.ts', 'import-statement', 'node_modules/ink/build/index.js'],
  );
  expect(findStaticImport(files, 'bin/jq.ts', ['ink'])).toBeUndefined();
});

it('does not take one package for another, nor hang in a cycle', () => {
  const files = graph(
    ['bin/jq.ts', 'import-statement', 'node_modules/ink-spinner/index.js'],
    ['node_modules/ink-spinner/index.js', 'import-statement', 'bin/jq.ts'],
  );
  expect(findStaticImport(files, 'bin/jq.ts', ['ink'])).toBeUndefined();
});
