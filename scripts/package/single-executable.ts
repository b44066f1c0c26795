import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { stripSymbols } from '../elf/strip-symbols.ts';
import type { Target } from './targets.ts';

type MakeExecutable = (
  entry: string,
  options: {
    targets: { platform: 'linux'; arch: Target['arch']; nodeRange: string; output: string }[];
    signature: boolean;
    seaConfig: object;
  },
) => Promise<void>;

/** Not a part of pkg's documented surface, hence the exact version in package.json: its command line passes no assets on. */
const makeExecutable = (createRequire(import.meta.url)('@yao-pkg/pkg/lib-es5/sea.js') as { default: MakeExecutable })
  .default;

/**
 * Puts a CommonJS program and assets into a Node.
 * @param node the program; its version must be that of the Node that runs this
 * @param assets name to file
 */
export async function singleExecutable(
  target: Target,
  {
    node,
    main,
    assets,
    output,
    workFolder,
  }: { node: string; main: string; assets: Record<string, string>; output: string; workFolder: string },
): Promise<void> {
  const { HOME, TMPDIR } = process.env;
  // Of a Node that cannot be run here pkg takes no path, but one in its cache it does.
  process.env.HOME = workFolder;
  process.env.TMPDIR = workFolder;
  try {
    putIntoCache(workFolder, target, stripSymbols(fs.readFileSync(node)));
    await makeExecutable(main, {
      targets: [{ platform: 'linux', arch: target.arch, nodeRange: `node${process.versions.node}`, output }],
      signature: true,
      // The path goes into the file: from the folder in the work folder that pkg works in it is the same in every build.
      seaConfig: { main: `../${path.basename(main)}`, useCodeCache: false, assets },
    });
  } finally {
    process.env.HOME = HOME;
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
  }
  fs.chmodSync(output, 0o755);
}

/** As pkg lays out what it has downloaded and checked. */
function putIntoCache(home: string, { name }: Target, node: Buffer): void {
  const archive = path.join(home, '.pkg-cache', 'sea', `node-${process.version}-${name}`);
  const program = path.join(archive, 'bin', 'node');
  fs.mkdirSync(path.dirname(program), { recursive: true });
  fs.writeFileSync(program, node, { mode: 0o755 });
  for (const file of [`${archive}.tar.gz`, `${archive}.tar.gz.ok`, `${program}.ok`]) fs.writeFileSync(file, '');
}
