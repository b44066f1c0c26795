import fs from 'node:fs';
import path from 'node:path';
import { build, type Plugin } from 'esbuild';
import { versions } from '../../src/lib/version.ts';
import { copyAssets } from './assets.ts';
import { packageChanges } from './package-changes.ts';
import { otherTable } from './other-table.ts';
import { ownTexts } from './own-texts.ts';
import { replaceFile } from './replace-file.ts';
import { nameSparingly } from './name-sparingly.ts';
import { findStaticImport, LAZY_PACKAGES, LAZY_PAGES } from './static-imports.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
/** What all that is made here has in common. */
const COMMON = {
  absWorkingDir: ROOT,
  write: false,
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  banner: { js: `const fileUrl = require('node:url').pathToFileURL(__filename).href;` },
  define: {
    'process.env.NODE_ENV': '"production"',
    // The native half of msgpackr only unpacks, which nobody here does, and it takes time to look for.
    'process.env.MSGPACKR_NATIVE_ACCELERATION_DISABLED': '"true"',
    'import.meta.url': 'fileUrl',
    'import.meta.dirname': '__dirname',
    'import.meta.filename': '__filename',
    JOBQUEUE_VERSIONS: JSON.stringify(versions()),
  },
} as const;

export interface BundleOptions {
  /** The bundle is `NAME.cjs`. */
  name?: string;
  plugins?: readonly Plugin[];
  /** Of the packages that are loaded late, those that it needs at once. */
  needs?: readonly string[];
}

/**
 * Puts the whole program into a folder, beside it the same program with nothing but `jq enqueue`, the lock thread, the
 * texts of the program about itself, and the launcher.
 * @returns the folders of the packages that are in it, relative to the checkout
 */
export async function bundleAll(outputFolder: string): Promise<string[]> {
  const onlyEnqueue = otherTable(ROOT, 'commands/enqueue/only.ts');
  copyAssets(outputFolder);
  const packages = await Promise.all([
    bundle('bin/jq.ts', outputFolder),
    bundle('bin/jq.ts', outputFolder, { name: 'enqueue', plugins: [onlyEnqueue] }),
    bundle('bin/lock-thread.ts', outputFolder, { name: 'lock-thread', needs: ['bullmq', 'ioredis'] }),
  ]);
  replaceFile(path.join(outputFolder, 'texts.json'), JSON.stringify(await ownTexts()), 0o644);
  return [...new Set(packages.flat())].toSorted();
}

/**
 * Bundles a program with all that it imports into one file, and puts `jq.cjs` beside it, which runs it.
 * @param entry relative to the checkout
 * @returns the folders of the packages that are in it, relative to the checkout
 * @throws when a file does not compile, or something is loaded at start that must be lazy; the old files stay then
 */
export async function bundle(
  entry: string,
  outputFolder: string,
  { name = 'program', plugins = [], needs = [] }: BundleOptions = {},
): Promise<string[]> {
  const { metafile, outputFiles } = await build({
    ...COMMON,
    entryPoints: { [name]: entry },
    outdir: outputFolder,
    outExtension: { '.js': '.cjs' },
    metafile: true,
    // Where a single executable runs the program, `import()` knows nothing, not even Node's own modules; `require` does.
    supported: { 'dynamic-import': false },
    mainFields: ['module', 'main'],
    jsx: 'automatic',
    minifyWhitespace: true,
    minifySyntax: true,
    // Every start reads the file: the shorter it is, the sooner it is read.
    minifyIdentifiers: true,
    // BullMQ and ioredis tell errors apart by the names of their classes, and people read stacks.
    keepNames: true,
    legalComments: 'external',
    logLevel: 'silent',
    plugins: [packageChanges, ...plugins],
  });
  const lazy = LAZY_PACKAGES.filter((each) => !needs.includes(each));
  const way = findStaticImport(metafile, entry, lazy) ?? findStaticImport(metafile, 'src/server/server.ts', LAZY_PAGES);
  if (way) throw new Error(`What is not always needed is loaded at every start:\n  ${way.join('\n  ')}`);
  fs.mkdirSync(outputFolder, { recursive: true });
  for (const { path: file, contents, text } of outputFiles) {
    replaceFile(file, name === 'program' && file.endsWith('.cjs') ? nameSparingly(text) : contents, 0o644);
  }
  replaceFile(path.join(outputFolder, 'jq.cjs'), await bundleLauncher('scripts/build/launcher.cjs'), 0o755);
  return Object.keys(metafile.inputs).flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []);
}

/** A small program that starts the others. */
export async function bundleLauncher(entry: string): Promise<Uint8Array> {
  const { outputFiles } = await build({ ...COMMON, entryPoints: [entry] });
  return outputFiles[0]!.contents;
}
