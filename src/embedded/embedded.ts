import { getAsset, getRawAsset, isSea } from 'node:sea';

/** What a single executable holds beside the program itself: `scripts/package.ts` puts it in. */
export interface Pack {
  /** Of all that is in it: another content is another folder on disk. */
  hash: string;
  /** Path in the pack to the SHA-256 of the file, in hex. */
  files: Record<string, string>;
}

/** The asset that lists the packs. A file of a pack is an asset, too: `NAME/PATH`, compressed with zstd. */
export const PACK_LIST = 'packs.json';

/** Whether this process runs in a single executable: Node, the program and its packs in one file. */
export const isSingleExecutable = isSea;

/** A text of the executable. @throws when there is none of this name */
export const embeddedText = (name: string): string => getAsset(name, 'utf8');

/** A text that is stored compressed, with zstd, as `NAME.zst`. */
export const embeddedLongText = (name: string): string =>
  process
    .getBuiltinModule('node:zlib')
    .zstdDecompressSync(getRawAsset(`${name}.zst`))
    .toString('utf8');

/** A pack of the executable; `undefined` when it was built without it. */
export const packOf = (name: string): Pack | undefined =>
  (JSON.parse(embeddedText(PACK_LIST)) as Record<string, Pack>)[name];

/** The bytes of a file of a pack as they are stored. */
export const packedFile = (name: string, file: string): Uint8Array => new Uint8Array(getRawAsset(`${name}/${file}`));
