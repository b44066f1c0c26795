import { HEADER, ROW, SECTION, sectionsOf } from './elf.ts';

/**
 * An ELF program without what is not a part of the running program: symbols and notes for debuggers, of Node 18 MB. As
 * `strip` does it, but for any architecture, and with the same result on any machine.
 * @throws Error when the file is laid out in another way than linkers do
 */
export function stripSymbols(file: Buffer): Buffer {
  const sections = sectionsOf(file);
  const namesIndex = file.readUInt16LE(HEADER.namesIndex);
  const names = sections[namesIndex]!;
  const end = Math.max(
    ...sections
      .filter(({ loaded, type }) => loaded && type !== SECTION.noBits)
      .map(({ offset, size }) => offset + size),
  );
  if (names.offset < end) throw new Error('Expected the names of sections after all that is loaded');
  const kept = sections.filter(({ index, loaded }) => loaded || index === 0 || index === namesIndex);
  const newIndex = (index: number): number =>
    Math.max(
      0,
      kept.findIndex((each) => each.index === index),
    );

  const head = Buffer.alloc(align(end));
  file.copy(head, 0, 0, end);
  const nameBytes = Buffer.alloc(align(names.size));
  file.copy(nameBytes, 0, names.offset, names.offset + names.size);
  const oldTable = Number(file.readBigUInt64LE(HEADER.tableOffset));
  const rows = kept.map(({ index, link }) => {
    const row = Buffer.from(file.subarray(oldTable + index * ROW.bytes, oldTable + (index + 1) * ROW.bytes));
    row.writeUInt32LE(newIndex(link), ROW.link);
    if (index === namesIndex) row.writeBigUInt64LE(BigInt(head.length), ROW.offset);
    return row;
  });
  head.writeBigUInt64LE(BigInt(head.length + nameBytes.length), HEADER.tableOffset);
  head.writeUInt16LE(kept.length, HEADER.rowCount);
  head.writeUInt16LE(newIndex(namesIndex), HEADER.namesIndex);
  return Buffer.concat([head, nameBytes, ...rows]);
}

const align = (size: number): number => Math.ceil(size / 16) * 16;
