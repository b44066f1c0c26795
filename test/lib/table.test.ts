import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderTable } from '../../src/lib/table.ts';
import { cleanLine, columnsOf } from '../../src/lib/text.ts';

const COLUMNS = [{ title: 'QUEUE' }, { title: 'WAITING', align: 'right' }, { title: 'ERROR', flexible: true }] as const;

/** What a flexible column is not cut below. */
const LEAST = 10;

describe('renderTable', () => {
  it('aligns columns and leaves no spaces at line ends', () => {
    expect(
      renderTable(COLUMNS, [
        ['mail', '1,043', 'no route to host'],
        ['日本', '7', ''],
      ]),
    ).toBe('QUEUE  WAITING  ERROR\nmail     1,043  no route to host\n日本         7\n');
  });

  it('is the titles alone when there is nothing to show', () => {
    expect(renderTable(COLUMNS, [])).toBe('QUEUE  WAITING  ERROR\n');
  });

  it('cuts only what may be cut', () => {
    expect(renderTable(COLUMNS, [['default', '1,043', 'connect ECONNREFUSED']], 30)).toBe(
      'QUEUE    WAITING  ERROR\ndefault    1,043  connect ECO…\n',
    );
  });

  it('stays within the width as far as its columns allow, with every row on one line', () => {
    const row = fc.tuple(...COLUMNS.map(() => fc.string({ unit: 'grapheme' }).map(cleanLine)));
    fc.assert(
      fc.property(fc.array(row, { maxLength: 8 }), fc.integer({ min: 1, max: 80 }), (rows, width) => {
        const lines = renderTable(COLUMNS, rows, width).split('\n');
        expect(lines).toHaveLength(rows.length + 2);
        const rigid = [0, 1].map((index) =>
          Math.max(COLUMNS[index]!.title.length, ...rows.map((cells) => columnsOf(cells[index]!))),
        );
        const least = rigid[0]! + rigid[1]! + 4 + LEAST;
        for (const line of lines) expect(columnsOf(line)).toBeLessThanOrEqual(Math.max(width, least));
      }),
    );
  });

  it('leaves out what is optional before it breaks lines, the last one first', () => {
    const columns = [{ title: 'ID' }, { title: 'TYPE', optional: true }, { title: 'AGE', optional: true }];
    const rows = [['j_1', 'send-email', '3m']];
    expect(renderTable(columns, rows, 20)).toBe('ID   TYPE        AGE\nj_1  send-email  3m\n');
    expect(renderTable(columns, rows, 19)).toBe('ID   TYPE\nj_1  send-email\n');
    expect(renderTable(columns, rows, 14)).toBe('ID\nj_1\n');
    expect(renderTable(columns, rows, 1)).toBe('ID\nj_1\n');
  });

  it('shrinks the widest first, so that equal columns stay equal', () => {
    const columns = [
      { title: 'A', flexible: true },
      { title: 'B', flexible: true },
    ];
    const shrunk = (width: number) => renderTable(columns, [['a'.repeat(30), 'b'.repeat(14)]], width).split('\n')[1];
    expect(shrunk(38)).toBe(`${'a'.repeat(21)}…  ${'b'.repeat(14)}`);
    expect(shrunk(26)).toBe(`${'a'.repeat(11)}…  ${'b'.repeat(11)}…`);
  });
});
