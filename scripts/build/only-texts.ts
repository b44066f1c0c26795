import type { Plugin } from 'esbuild';

/** Bundles of a program only what can print a text about itself: nothing that a command imports when it runs, but the help. */
export const onlyTexts: Plugin = {
  name: 'only-texts',
  setup(build) {
    build.onResolve({ filter: /./ }, ({ kind, path }) =>
      kind === 'dynamic-import' && !path.endsWith('/render-help.ts') ? { path, external: true } : undefined,
    );
  },
};
