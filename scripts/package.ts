/**
 * Makes the single executables, and all that is handed out with them, in `dist/package/TARGET`, and `dist/jq`, that for this machine:
 * `node scripts/package.ts [TARGET…]`.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { PACK_LIST } from '../src/embedded/embedded.ts';
import { REDIS_PACK } from '../src/broker/local-redis/find-server.ts';
import { ASSETS_PACK } from '../src/server/assets.ts';
import { bundleAll, bundleLauncher } from './build/bundle.ts';
import { bundledComponents, commonLicences, debianComponents, nodeComponent } from './package/components.ts';
import { renderLicences } from './package/licences.ts';
import { renderManPage } from './docs/render-man.ts';
import { nodePackage } from './package/node-package.ts';
import { compress, makePack } from './package/packs.ts';
import { recordCaches, RUNS } from './package/record-caches.ts';
import { PACKAGE_LIST } from './redis/pack-redis.ts';
import { vendorRedis } from './redis/vendor.ts';
import { renderSbom } from './package/sbom.ts';
import { singleExecutable } from './package/single-executable.ts';
import { isHost, ROOT, type Target, TARGETS } from './package/targets.ts';
import { wrap } from './package/wrap.ts';

const OUTPUT = path.join(ROOT, 'dist', 'package');

async function main(names: readonly string[]): Promise<void> {
  const unknown = names.filter((name) => !TARGETS.some((target) => target.name === name));
  if (unknown.length > 0)
    throw new Error(`Expected ${TARGETS.map(({ name }) => name).join(' or ')}, got ${unknown[0]}`);
  const workFolder = fs.mkdtempSync(path.join(os.tmpdir(), 'jobqueue-package-'));
  try {
    const bundle = path.join(workFolder, 'bundle');
    const packages = await bundleAll(bundle);
    for (const target of TARGETS.filter(({ name }) => names.length === 0 || names.includes(name))) {
      const work = path.join(workFolder, target.name);
      fs.mkdirSync(work);
      await packageFor(target, { bundle, packages, work });
    }
  } finally {
    fs.rmSync(workFolder, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
  }
}

async function packageFor(
  target: Target,
  { bundle, packages, work }: { bundle: string; packages: readonly string[]; work: string },
): Promise<void> {
  const began = performance.now();
  const output = path.join(OUTPUT, target.name);
  const notes: string[] = [];
  const nodeFolder = nodePackage(target);
  const node = path.join(nodeFolder, 'bin', 'node');
  const hasRedis = fetchRedis(target, notes);

  for (const name of Object.keys(RUNS))
    fs.writeFileSync(path.join(work, `${name}.cjs`), wrap(fs.readFileSync(path.join(bundle, `${name}.cjs`), 'utf8')));
  fs.copyFileSync(path.join(bundle, 'texts.json'), path.join(work, 'texts.json'));
  fs.writeFileSync(
    path.join(work, 'lock-thread.cjs.zst'),
    compress(fs.readFileSync(path.join(bundle, 'lock-thread.cjs'))),
  );
  if (!recordCaches(target, { node, folder: work })) notes.push(`no compiled code: ${target.name} cannot be run here`);

  const components = [
    nodeComponent(nodeFolder),
    ...bundledComponents(packages),
    ...(hasRedis ? debianComponents(target.redisFolder, target.debian) : []),
  ];
  const licences = renderLicences(components, hasRedis ? commonLicences(target.redisFolder) : {});
  fs.writeFileSync(path.join(work, 'licences.txt.zst'), compress(Buffer.from(licences)));
  const packs = [
    { name: ASSETS_PACK, source: path.join(bundle, 'assets'), pattern: '**/*' },
    ...(hasRedis ? [{ name: REDIS_PACK, source: target.redisFolder, pattern: '{bin/*,lib/*,redis-server}' }] : []),
  ].map(({ name, source, pattern }) => {
    const files = fs.globSync(pattern, { cwd: source }).filter((file) => fs.statSync(path.join(source, file)).isFile());
    return { name, ...makePack(name, { source, files, workFolder: path.join(work, 'packs') }) };
  });
  fs.writeFileSync(
    path.join(work, PACK_LIST),
    JSON.stringify(Object.fromEntries(packs.map(({ name, pack }) => [name, pack]))),
  );
  const texts = fs.globSync('*.{cjs,cache,zst,json}', { cwd: work }).toSorted();
  const main = path.join(work, 'home', 'main.cjs');
  fs.mkdirSync(path.dirname(main));
  fs.writeFileSync(main, await bundleLauncher('scripts/package/main.cjs'));
  const executable = path.join(output, 'jq');
  fs.rmSync(output, { recursive: true, force: true });
  fs.mkdirSync(output, { recursive: true });
  await singleExecutable(target, {
    node,
    main,
    assets: Object.assign(
      Object.fromEntries(texts.map((file) => [file, path.join(work, file)])),
      ...packs.map(({ assets }) => assets),
    ) as Record<string, string>,
    output: executable,
    workFolder: path.join(work, 'home'),
  });
  fs.writeFileSync(path.join(output, 'licences.txt'), licences);
  fs.writeFileSync(path.join(output, 'jq.cdx.json'), renderSbom(components, target.name));
  fs.writeFileSync(path.join(output, 'jq.1'), renderManPage());
  fs.copyFileSync(path.join(ROOT, 'scripts/package/install.sh'), path.join(output, 'install.sh'));
  fs.chmodSync(path.join(output, 'install.sh'), 0o755);
  writeSums(output);
  if (isHost(target.name)) linkAsProgram(executable);
  const megabytes = (fs.statSync(executable).size / 1e6).toFixed(1);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  process.stderr.write(
    `${path.relative(ROOT, executable)}: ${megabytes} MB, ${seconds} s${notes.map((note) => `; ${note}`).join('')}\n`,
  );
}

/** @returns whether there is one to put in */
function fetchRedis({ redisFolder, debian }: Target, notes: string[]): boolean {
  if (fs.existsSync(path.join(redisFolder, PACKAGE_LIST))) return true;
  try {
    vendorRedis(redisFolder, debian);
    return true;
  } catch (error) {
    notes.push(`no redis-server inside: ${(error as Error).message.split('\n', 1)[0]}`);
    return false;
  }
}

/** As `sha256sum --check` reads them. */
function writeSums(folder: string): void {
  const lines = fs
    .readdirSync(folder)
    .toSorted()
    .map((file) => {
      const hash = createHash('sha256')
        .update(fs.readFileSync(path.join(folder, file)))
        .digest('hex');
      return `${hash}  ${file}\n`;
    });
  fs.writeFileSync(path.join(folder, 'SHA256SUMS'), lines.join(''));
}

/** `dist/jq` */
function linkAsProgram(executable: string): void {
  const link = path.join(ROOT, 'dist', 'jq');
  const next = `${link}.${process.pid}`;
  // At once: somebody may run it.
  fs.linkSync(executable, next);
  fs.renameSync(next, link);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
