import fs from 'node:fs';

let replacements = 0;

/** Writes a file at once, since the old one may be read meanwhile, and others may do the same. */
export function replaceFile(file: string, contents: Uint8Array | string, mode: number): void {
  replacements += 1;
  const next = `${file}.${process.pid}.${replacements}`;
  fs.writeFileSync(next, contents, { mode });
  fs.renameSync(next, file);
}
