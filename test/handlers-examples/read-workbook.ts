import { readFile } from 'node:fs/promises';
import { inflateRawSync } from 'node:zlib';
import { load } from 'cheerio';

const END_OF_DIRECTORY = 0x06054b50;

/** The files in a zip archive as texts, by path, from its central directory (APPNOTE.TXT, 4.3.12 and 4.3.16). */
function unzip(archive: Buffer): Map<string, string> {
  const files = new Map<string, string>();
  const end = archive.length - 22;
  if (archive.readUInt32LE(end) !== END_OF_DIRECTORY) throw new Error('Expected a zip archive without a comment');
  let entry = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left -= 1) {
    const method = archive.readUInt16LE(entry + 10);
    const size = archive.readUInt32LE(entry + 20);
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) => archive.readUInt16LE(entry + offset));
    const name = archive.toString('utf8', entry + 46, entry + 46 + nameLength!);
    const header = archive.readUInt32LE(entry + 42);
    const start = header + 30 + archive.readUInt16LE(header + 26) + archive.readUInt16LE(header + 28);
    const data = archive.subarray(start, start + size);
    files.set(name, (method === 0 ? data : inflateRawSync(data)).toString());
    entry += 46 + nameLength! + extraLength! + commentLength!;
  }
  return files;
}

/** A cell as Excel sees it: empty, text, a bare number, or a number shown as a date (days since 1899-12-30). */
export type WorkbookCell = null | string | number | { days: number; format: string };

/** The first sheet of an .xlsx file: its name and its rows, each as far as its last cell that holds something. */
export async function readWorkbook(file: string): Promise<{ sheet: string; rows: WorkbookCell[][] }> {
  const files = unzip(await readFile(file));
  const open = (path: string) => load(files.get(path) ?? '', { xml: true });
  const sheet = open('xl/worksheets/sheet1.xml');
  const styles = open('xl/styles.xml');
  const texts = open('xl/sharedStrings.xml');
  const shared = texts('si')
    .toArray()
    .map((text) => texts(text).text());

  const formatOf = (style = '0') => {
    const id = styles('cellXfs xf').eq(Number(style)).attr('numFmtId') ?? '';
    return styles(`numFmt[numFmtId="${id}"]`).attr('formatCode');
  };
  const rows = sheet('row')
    .toArray()
    .map((row) => {
      const cells: WorkbookCell[] = [];
      for (const cell of sheet(row).find('c:has(v)').toArray()) {
        const { r: address, t: type, s: style } = cell.attribs;
        const value = Number(sheet(cell).find('v').text());
        const format = formatOf(style);
        const column = address!.charCodeAt(0) - 'A'.charCodeAt(0);
        cells[column] = type === 's' ? shared[value]! : format === undefined ? value : { days: value, format };
      }
      return Array.from(cells, (cell) => cell ?? null);
    });
  return { sheet: open('xl/workbook.xml')('sheet').attr('name')!, rows };
}
