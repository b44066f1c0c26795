import fs from 'node:fs';
import path from 'node:path';
import type { Plugin } from 'esbuild';

/** Files to change while they are bundled: the end of their path, and how. */
const CHANGES: readonly { file: string; change(text: string, file: string): string }[] = [
  // Only with DEV=true does Ink await its developer tools, which are not installed.
  { file: 'ink/build/reconciler.js', change: (text) => replace(text, /process\.env\['DEV'\] === 'true'/g, 'false') },
  { file: 'yoga-layout/dist/src/index.js', change: (_text, file) => synchronousYoga(readWebAssembly(file)) },
  { file: 'yoga-layout/dist/binaries/yoga-wasm-base64-esm.js', change: (text) => replace(text, WEB_ASSEMBLY, '') },
  // It checks only what its own package hands it, and node:assert takes longer to load than the whole parser.
  { file: 'redis-errors/lib/(modern|old).js', change: (text) => replace(text, /require\('assert'\)/g, 'Boolean') },
  // None of our commands is a program of its own, and that module takes a fifth of the time of jq --help to load.
  {
    file: 'commander/lib/command.js',
    change: (text) =>
      replace(text, /import childProcess from 'node:child_process';/, 'const childProcess = undefined;'),
  },
  // What is loaded late is taken in as a whole, and of BullMQ the part for Postgres is a third.
  { file: 'bullmq/dist/esm/postgres/index.js', change: () => '' },
  // It is always told where its files are; and beside an eval nothing can be given a shorter name.
  {
    file: '@bull-board/api/dist/index.js',
    change: (text) => replace(text, /eval\(`require\.resolve\([^`]*`\)/g, "''"),
  },
];

const WEB_ASSEMBLY = /(?<=base64,)[A-Za-z0-9+/=]{1000,}/;

/**
 * Changes what stands in the way in packages. Most of it lets Ink live in one CommonJS file, where no module may have a
 * top-level await: yoga-layout, which computes Ink's layouts, awaits its WebAssembly, which is small enough to be compiled at once.
 */
export const packageChanges: Plugin = {
  name: 'package-changes',
  setup(build) {
    for (const { file, change } of CHANGES) {
      build.onLoad({ filter: new RegExp(`/node_modules/${file}$`) }, async ({ path: found }) => ({
        contents: change(await fs.promises.readFile(found, 'utf8'), found),
      }));
    }
  },
};

function readWebAssembly(entry: string): string {
  const loader = path.resolve(entry, '../../binaries/yoga-wasm-base64-esm.js');
  return WEB_ASSEMBLY.exec(fs.readFileSync(loader, 'utf8'))?.[0] ?? '';
}

const synchronousYoga = (webAssembly: string): string => `
  import loadYoga from '../binaries/yoga-wasm-base64-esm.js';
  import wrapAssembly from './wrapAssembly.js';
  const yoga = {
    instantiateWasm(imports, receive) {
      const code = new WebAssembly.Module(Buffer.from('${webAssembly}', 'base64'));
      const instance = new WebAssembly.Instance(code, imports);
      receive(instance);
      return instance.exports;
    },
  };
  loadYoga(yoga);
  export default wrapAssembly(yoga);
  export * from './generated/YGEnums.js';
`;

function replace(text: string, what: RegExp, by: string): string {
  if (text.search(what) === -1) throw new Error(`Expected ${what} in a file of a package: it has changed`);
  return text.replace(what, by);
}
