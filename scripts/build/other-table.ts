import path from 'node:path';
import type { Plugin } from 'esbuild';

/** Bundles another table of commands in the place of `commands/index.ts`, and so only what those commands need. */
export const otherTable = (root: string, file: string): Plugin => ({
  name: 'other-table',
  setup(build) {
    build.onResolve({ filter: /(^|\/)index\.ts$/ }, ({ path: wanted, resolveDir }) =>
      path.resolve(resolveDir, wanted) === path.join(root, 'commands/index.ts')
        ? { path: path.join(root, file) }
        : undefined,
    );
  },
});
