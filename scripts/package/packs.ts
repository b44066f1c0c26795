import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { constants, zstdCompressSync } from 'node:zlib';
import type { Pack } from '../../src/embedded/embedded.ts';

/** With zstd, as small as it can. */
export const compress = (contents: Uint8Array): Buffer =>
  zstdCompressSync(contents, { params: { [constants.ZSTD_c_compressionLevel]: 19 } });

const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

/**
 * Compresses files for an executable.
 * @param files paths in `source`
 * @returns the pack's row in the list, and the assets to put in: name to file
 */
export function makePack(
  name: string,
  { source, files, workFolder }: { source: string; files: readonly string[]; workFolder: string },
): { pack: Pack; assets: Record<string, string> } {
  const hashes: Record<string, string> = {};
  const assets: Record<string, string> = {};
  for (const file of files.toSorted()) {
    const contents = fs.readFileSync(path.join(source, file));
    const target = path.join(workFolder, name, file);
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.writeFileSync(target, compress(contents));
    hashes[file] = sha256(contents);
    assets[`${name}/${file}`] = target;
  }
  return { pack: { hash: sha256(JSON.stringify(hashes)), files: hashes }, assets };
}
