import { expect, test } from 'vitest';
import { columnsOf } from '../../src/lib/text.ts';
import { LEAST } from '../../src/tui/layout.ts';
import { SCREENS } from '../../src/tui/screens/index.ts';
import { placeColumns, renderRow, renderTitles, WIDE } from '../../src/tui/table.ts';
import { AT, busySnapshot } from './snapshots.ts';

const LOOK = { color: false, ascii: false };
const titles = (width: number) => placeColumns(SCREENS[0].columns, width).map(({ column }) => column.title);

test('columns leave one after another as the terminal gets narrower, the sparkline first', () => {
  const gone: string[] = [];
  for (let width = WIDE - 1; width >= 40; width--) {
    const [before, after] = [titles(width + 1), titles(width)];
    if (width < WIDE - 1) gone.push(...before.filter((title) => !after.includes(title)));
  }
  expect(gone).toEqual(['5 MIN', 'P50', 'DLY', 'OLD', 'OK/s']);
});

test('the wide columns come all at once', () => {
  const narrow = titles(WIDE - 1);
  expect(titles(WIDE).filter((title) => !narrow.includes(title))).toEqual(['WRK', 'DONE', 'FAIL/s']);
});

test.each(SCREENS.map(({ id }, index) => [id, SCREENS[index]!] as const))(
  '%s: titles and rows fit in every width',
  (_id, screen) => {
    const data = busySnapshot();
    for (let width = LEAST.columns; width <= 240; width++) {
      const placed = placeColumns(screen.columns, width);
      expect(columnsOf(renderTitles(LOOK, placed, screen.sort))).toBeLessThanOrEqual(width);
      for (const row of screen.rows(data)) {
        const line = renderRow(LOOK, placed, { row, at: AT.getTime(), flag: screen.flag(row), selected: true });
        expect(columnsOf(line)).toBeLessThanOrEqual(width);
      }
    }
  },
);

test.each(SCREENS.map((screen) => [screen.id, screen] as const))(
  '%s: every column can be sorted by, and titles leave room for the arrow',
  (_id, screen) => {
    const unsortable = screen.columns.filter(({ value }) => !value).map(({ title }) => title);
    expect(unsortable).toEqual(screen.id === 'queues' ? ['5 MIN'] : []);
    const crowded = screen.columns.filter(({ title, width, value }) => value && title.length + 1 > width[0]);
    expect(crowded).toEqual([]);
    expect(screen.columns.map(({ title }) => title)).toContain(screen.sort.column);
  },
);
