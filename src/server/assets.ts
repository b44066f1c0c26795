import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { unpackedFolder } from '../embedded/unpacked-folder.ts';

/** Files that pages send to browsers as they are: one folder of a package each. The build puts copies beside the program, or inside the executable. */
export const ASSETS = {
  'bull-board': { package: '@bull-board/ui', folder: 'dist' },
  'swagger-ui': { package: '@fastify/swagger-ui', folder: 'static' },
} as const;

export type AssetName = keyof typeof ASSETS;

/** The folder of the copies, and the pack of the single executable that holds them. */
export const ASSETS_PACK = 'assets';

/** What holds the folder of {@link ASSETS}: the unpacked copy, the copy beside the built program, in a checkout the package. */
export function assetRoot(name: AssetName, env: NodeJS.ProcessEnv): string {
  const copy = path.join(unpackedFolder(ASSETS_PACK, env) ?? path.join(import.meta.dirname, ASSETS_PACK), name);
  return fs.existsSync(copy) ? copy : packageRoot(ASSETS[name].package);
}

export const packageRoot = (name: string): string =>
  path.dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
