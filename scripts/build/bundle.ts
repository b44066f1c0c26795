import fs from 'node:fs';
import path from 'node:path';
import { build, type Plugin } from 'esbuild';
import { copyAssets } from './assets.ts';
import { packageChanges } from './package-changes.ts';
import { otherTable } from './other-table.ts';
import { replaceFile } from './replace-file.ts';
import { findStaticImport, LAZY_PACKAGES, LAZY_PAGES } from './static-imports.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');

export interface BundleOptions {
  /** The bundle is `NAME.cjs`. */
  name?: string;
  plugins?: readonly Plugin[];
}

/** Puts the whole program into a folder, and beside it the same program with nothing but `jq enqueue`, a fifth of the size. */
export async function bundleAll(outputFolder: string): Promise<void> {
  const onlyEnqueue = otherTable(ROOT, 'commands/enqueue/only.ts');
  copyAssets(outputFolder);
  await Promise.all([
    bundle('bin/jq.ts', outputFolder),
    bundle('bin/jq.ts', outputFolder, { name: 'enqueue', plugins: [onlyEnqueue] }),
  ]);
}

/**
 * Bundles a program with all that it imports into one file, and puts `jq.cjs` beside it, which runs it.
 * @param entry relative to the checkout
 * @throws when a file does not compile, or something is loaded at start that must be lazy; the old files stay then
 */
export async function bundle(
  entry: string,
  outputFolder: string,
  { name = 'program', plugins = [] }: BundleOptions = {},
): Promise<void> {
  const { metafile, outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: { [name]: entry },
    outdir: outputFolder,
    outExtension: { '.js': '.cjs' },
    write: false,
    metafile: true,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
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
    banner: { js: `const fileUrl = require('node:url').pathToFileURL(__filename).href;` },
    define: {
      'process.env.NODE_ENV': '"production"',
      // The native half of msgpackr only unpacks, which nobody here does, and it takes time to look for.
      'process.env.MSGPACKR_NATIVE_ACCELERATION_DISABLED': '"true"',
      'import.meta.url': 'fileUrl',
      'import.meta.dirname': '__dirname',
      'import.meta.filename': '__filename',
      JOBQUEUE_VERSIONS: JSON.stringify(readVersions()),
    },
  });
  const way =
    findStaticImport(metafile, entry, LAZY_PACKAGES) ?? findStaticImport(metafile, 'src/server/server.ts', LAZY_PAGES);
  if (way) throw new Error(`What is not always needed is loaded at every start:\n  ${way.join('\n  ')}`);
  fs.mkdirSync(outputFolder, { recursive: true });
  for (const { path: file, contents } of outputFiles) replaceFile(file, contents, 0o644);
  replaceFile(
    path.join(outputFolder, 'jq.cjs'),
    fs.readFileSync(path.join(import.meta.dirname, 'launcher.cjs')),
    0o755,
  );
}

/** What src/lib/version.ts gives back. */
function readVersions(): { jobqueue: string; bullmq: string } {
  const { version, dependencies } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
    version: string;
    dependencies: { bullmq: string };
  };
  return { jobqueue: version, bullmq: dependencies.bullmq };
}
