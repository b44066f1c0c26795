import { expect, test } from 'vitest';
import { columnsOf } from '../../src/lib/text.ts';
import { LEAST } from '../../src/tui/layout.ts';
import { textOf } from '../../src/tui/cells.ts';
import { isText, screenOf, SCREENS } from '../../src/tui/screens/index.ts';
import { placeColumns, renderRow, renderTitles, WIDE } from '../../src/tui/table.ts';
import { PLACES } from './pages.ts';
import { AT, busySnapshot } from './snapshots.ts';

const LOOK = { color: false, ascii: false };
const SHOWN = { timing: 'run', bars: false } as const;
const titles = (width: number) =>
  placeColumns(SCREENS.queues.columns({ screen: 'queues' }, SHOWN), width).map(({ column }) => column.title);

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
  expect(titles(WIDE).filter((title) => !narrow.includes(title))).toEqual(['WRK', 'DONE', 'IN/s', 'FAIL/s', 'DRAIN']);
});

test('queues as bars have the counts beside them, and one bar as wide as another, in every width', () => {
  const { queues } = busySnapshot();
  for (let width = LEAST.columns; width <= 240; width++) {
    const placed = placeColumns(SCREENS.queues.columns({ screen: 'queues' }, { ...SHOWN, bars: true }), width);
    expect(columnsOf(renderTitles(LOOK, placed, { column: 'WAIT', descending: true }))).toBeLessThanOrEqual(width);
    const bar = placed.at(-1)!;
    for (const row of queues) {
      const text = textOf(bar.column.cell(row, { at: AT.getTime(), width: bar.width }));
      expect(text).toMatch(/^a*w*d*c*x*$/);
      expect(text.length).toBeLessThanOrEqual(bar.width);
    }
    const email = queues.find(({ name }) => name === 'email');
    // Twelve that run of nine million are not nothing.
    expect(textOf(bar.column.cell(email, { at: 0, width: bar.width }))).toMatch(/^a+w+d+c{10,}x+$/);
  }
});

const LISTS = PLACES.filter(([, place]) => !isText(place)).map(([name, place, page]) => [name, place, page] as const);

test.each(LISTS)('%s: titles and rows fit in every width', (_name, place, page) => {
  const screen = screenOf(place);
  const rows = screen.rows?.(busySnapshot()) ?? page!.rows;
  for (let width = LEAST.columns; width <= 240; width++) {
    const placed = placeColumns(screen.columns(place, SHOWN), width);
    expect(columnsOf(renderTitles(LOOK, placed, screen.firstSort(place)))).toBeLessThanOrEqual(width);
    for (const row of rows) {
      const flag = screen.flag(row);
      const line = renderRow(LOOK, placed, { row, at: AT.getTime(), flag, marked: false, selected: true });
      expect(columnsOf(line)).toBeLessThanOrEqual(width);
    }
  }
});

const UNSORTABLE: Record<string, string[]> = {
  queues: ['5 MIN'],
  groups: ['24 H'],
  events: ['WHAT'],
  types: ['TIME/MIN'],
};

test.each(LISTS)('%s: every column can be sorted by, and titles leave room for the arrow', (_name, place) => {
  const screen = screenOf(place);
  const columns = screen.columns(place, SHOWN);
  const unsortable = columns.filter(({ value }) => !value).map(({ title }) => title);
  expect(unsortable).toEqual(UNSORTABLE[place.screen] ?? []);
  const crowded = columns.filter(({ title, width, value }) => value && title.length + 1 > width[0]);
  expect(crowded).toEqual([]);
  expect(columns.map(({ title }) => title)).toContain(screen.firstSort(place).column);
});
