import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

/** Files that pages send to browsers as they are: one folder of a package each. The build puts copies beside the program. */
export const ASSETS = {
  'bull-board': { package: '@bull-board/ui', folder: 'dist' },
  'swagger-ui': { package: '@fastify/swagger-ui', folder: 'static' },
} as const;

export type AssetName = keyof typeof ASSETS;

/** What holds the folder of {@link ASSETS}: beside the built program its copy, in a checkout the package. */
export function assetRoot(name: AssetName): string {
  const copy = path.join(import.meta.dirname, 'assets', name);
  return fs.existsSync(copy) ? copy : packageRoot(ASSETS[name].package);
}

export const packageRoot = (name: string): string =>
  path.dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
