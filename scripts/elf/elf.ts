/** A section of an ELF file (64 bit, little endian, as all the systems have that we package for). */
export interface Section {
  index: number;
  type: number;
  /** Whether it is a part of the running program. */
  loaded: boolean;
  offset: number;
  size: number;
  /** The index of the section that its entries refer to, such as their names. */
  link: number;
}

export const SECTION = { dynamic: 6, noBits: 8 } as const;
/** Bytes of a row of the section table, and where in it and in the file's header the fields are. */
export const ROW = { bytes: 64, offset: 24, link: 40 } as const;
export const HEADER = { tableOffset: 40, rowCount: 60, namesIndex: 62 } as const;

const MAGIC = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1]);

/** @throws Error for a file of another kind */
export function sectionsOf(file: Buffer): Section[] {
  if (!file.subarray(0, MAGIC.length).equals(MAGIC)) throw new Error('Expected an ELF file of 64 bits, little endian');
  const table = Number(file.readBigUInt64LE(HEADER.tableOffset));
  return Array.from({ length: file.readUInt16LE(HEADER.rowCount) }, (_, index) => {
    const row = file.subarray(table + index * ROW.bytes, table + (index + 1) * ROW.bytes);
    return {
      index,
      type: row.readUInt32LE(4),
      loaded: (row.readUInt32LE(8) & 2) !== 0,
      offset: Number(row.readBigUInt64LE(ROW.offset)),
      size: Number(row.readBigUInt64LE(32)),
      link: row.readUInt32LE(ROW.link),
    };
  });
}

const NEEDED = 1n;

/** The shared libraries that a program or library asks for by name: `libssl.so.3`. */
export function neededBy(file: Buffer): string[] {
  const sections = sectionsOf(file);
  const dynamic = sections.find(({ type }) => type === SECTION.dynamic);
  if (!dynamic) return [];
  const names = sections[dynamic.link]!.offset;
  const rows = Array.from({ length: dynamic.size / 16 }, (_, index) => dynamic.offset + index * 16);
  return rows
    .filter((at) => file.readBigUInt64LE(at) === NEEDED)
    .map((at) => {
      const start = names + Number(file.readBigUInt64LE(at + 8));
      return file.toString('latin1', start, file.indexOf(0, start));
    });
}
