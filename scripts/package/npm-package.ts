/** Makes the npm package, `dist/package/jobqueue-VERSION.tgz`: `node scripts/package/npm-package.ts`. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { DECLARATIONS } from '../../commands/init/declarations.ts';
import { bundleAll } from '../build/bundle.ts';
import { renderManPage } from '../docs/render-man.ts';
import { bundledComponents } from './components.ts';
import { renderLicences } from './licences.ts';
import { ROOT } from './targets.ts';

/** What is published is the built program, which needs no other package: so it is packed in a folder of its own. */
const FOLDER = path.join(ROOT, 'dist', 'npm');
const OUTPUT = path.join(ROOT, 'dist', 'package');

fs.rmSync(FOLDER, { recursive: true, force: true });
const dist = path.join(FOLDER, 'dist');
const packages = await bundleAll(dist);
await build({
  absWorkingDir: ROOT,
  entryPoints: { index: 'src/index.ts' },
  outdir: dist,
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  keepNames: true,
});
fs.writeFileSync(path.join(dist, 'index.d.ts'), asModule(DECLARATIONS));
fs.writeFileSync(path.join(dist, 'licences.txt'), renderLicences(bundledComponents(packages)));
fs.writeFileSync(path.join(FOLDER, 'jq.1'), renderManPage());
for (const file of ['README.md', 'CHANGELOG.md', 'LICENSE'])
  fs.copyFileSync(path.join(ROOT, file), path.join(FOLDER, file));
fs.writeFileSync(path.join(FOLDER, 'package.json'), `${JSON.stringify(manifest(), null, 2)}\n`);
fs.mkdirSync(OUTPUT, { recursive: true });
const archive = execFileSync('npm', ['pack', '--silent', '--pack-destination', OUTPUT], {
  cwd: FOLDER,
  encoding: 'utf8',
});
process.stderr.write(`${path.relative(ROOT, path.join(OUTPUT, archive.trim()))}\n`);

function manifest(): object {
  const own = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as Record<string, unknown>;
  const { name, version, description, license, bin, engines } = own;
  return {
    name,
    version,
    description,
    license,
    type: 'module',
    bin,
    // npm installs a list only.
    man: ['./jq.1'],
    engines,
    exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
    files: ['dist', 'jq.1', 'CHANGELOG.md'],
  };
}

/** What `declare module 'jobqueue' { … }` holds, as a module of its own. */
function asModule(declarations: string): string {
  const inner = /^declare module 'jobqueue' \{\n([\s\S]*)^\}$/m.exec(declarations)?.[1];
  if (inner === undefined) throw new Error('Expected one module in the declarations');
  return inner.replace(/^ {2}/gm, '');
}
