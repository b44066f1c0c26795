import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { handlerContext } from '../helpers/handler-context.ts';
import { attempt, checkPayload, loadExample } from './load-example.ts';
import { readWorkbook } from './read-workbook.ts';
import { tempFolder } from './temp-folder.ts';

const date = (text: string) => ({
  days: (Date.parse(text) - Date.UTC(1899, 11, 30)) / 86_400_000,
  format: 'yyyy-mm-dd',
});

/** Runs the handler on a payload and opens the file that it wrote. */
async function report(payload: object) {
  const target = join(await tempFolder(), 'report.xlsx');
  const { context, record } = handlerContext();
  const result = await attempt(await loadExample('generate-report'), { title: 'Report', target, ...payload }, context);
  return { ...(await readWorkbook(target)), target, result, record };
}

describe('generate-report', () => {
  it('makes a column of each key, with the type that fits all its values', async () => {
    const { rows, sheet, target, result } = await report({
      title: 'Orders: May/June',
      rows: [
        { order: 'A-17', paid: '2026-05-01', amount: 12.5, note: 'first' },
        { order: 'A-18', paid: '2026-05-02T18:00:00Z', amount: -3, note: 7 },
        { order: 'A-19', amount: '', note: null, late: true },
      ],
    });
    expect(sheet).toBe('Orders  May June');
    expect(rows).toEqual([
      ['order', 'paid', 'amount', 'note', 'late'],
      ['A-17', date('2026-05-01'), 12.5, 'first'],
      ['A-18', date('2026-05-02T18:00:00Z'), -3, '7'],
      ['A-19', null, null, null, 'true'],
    ]);
    expect(result).toEqual({ target, rows: 3, bytes: (await readFile(target)).length });
  });

  it('writes the columns that are asked for, in their order', async () => {
    const { rows } = await report({
      columns: [{ key: 'amount', title: 'Amount in €', type: 'text' }, { key: 'order' }, { key: 'due', type: 'date' }],
      rows: [{ order: 'A-17', amount: 12.5, note: 'left out', due: '2026-02-28' }],
    });
    expect(rows).toEqual([
      ['Amount in €', 'order', 'due'],
      ['12.5', 'A-17', date('2026-02-28')],
    ]);
  });

  it('keeps texts as they are: markup, formulas, line breaks, dates that no calendar has', async () => {
    const texts = ['<b> & "quotes"', '=1+1', 'two\nlines', 'Grüße 👋', '2026-02-30', ' '];
    const { rows } = await report({ rows: texts.map((text) => ({ text })) });
    expect(rows.flat()).toEqual(['text', ...texts]);
  });

  it('gives up at once on a value that does not fit its column', async () => {
    const folder = await tempFolder();
    const payload = {
      title: 'Report',
      columns: [{ key: 'order' }, { key: 'due', type: 'date' }],
      rows: [{ order: 'A-17', due: '2026-05-01' }, { order: 'A-18' }, { order: 'A-19', due: 'soon' }],
      target: join(folder, 'report.xlsx'),
    };
    const failure = attempt(await loadExample('generate-report'), payload, handlerContext().context);
    await expect(failure).rejects.toMatchObject({ name: 'Discard', message: 'Row 3: "due" is not a date' });
    expect(await readdir(folder)).toEqual([]);
  });

  it('reports its progress in tenths', async () => {
    const { record, result } = await report({ rows: Array.from({ length: 2000 }, (_, index) => ({ index })) });
    expect(record.progress).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 80, 90]);
    expect(result).toMatchObject({ rows: 2000 });
  });

  it.each([
    ['x'.repeat(40), 'x'.repeat(31)],
    ['[/]', ' '],
  ])('makes a name for the sheet that Excel takes out of %j', async (title, name) => {
    expect((await report({ title, rows: [{ a: 1 }] })).sheet).toBe(name);
  });

  it('writes a report without rows', async () => {
    expect((await report({ rows: [] })).rows.flat()).toEqual([]);
    expect((await report({ columns: [{ key: 'order' }], rows: [] })).rows).toEqual([['order']]);
  });

  it('names the file after the job when it is not told where to write', async () => {
    const reports = join(await tempFolder(), 'reports');
    const handler = await loadExample('generate-report', { REPORTS: reports });
    const { context } = handlerContext({ job: { id: '../r/1' } });
    const result = await attempt(handler, { title: 'Report', rows: [] }, context);
    expect(result).toMatchObject({ target: join(reports, '..%2Fr%2F1.xlsx') });
    expect(await readdir(reports)).toEqual(['..%2Fr%2F1.xlsx']);
  });

  it('stops between rows when the signal aborts', async () => {
    const folder = await tempFolder();
    const controller = new AbortController();
    const { context, record } = handlerContext({ signal: controller.signal });
    const halfway = {
      ...context,
      async progress(percent: number) {
        await context.progress(percent);
        if (percent === 50) controller.abort();
      },
    };
    const rows = Array.from({ length: 1000 }, (_, index) => ({ index }));
    const payload = { title: 'Report', rows, target: join(folder, 'report.xlsx') };
    const failure = attempt(await loadExample('generate-report'), payload, halfway);
    await expect(failure).rejects.toMatchObject({ name: 'AbortError' });
    expect(record.progress).toEqual([0, 10, 20, 30, 40, 50]);
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('the payload of generate-report', () => {
  it.each([
    [{ title: '' }, 'title'],
    [{ rows: undefined }, 'rows'],
    [{ rows: ['A-17'] }, 'rows.0'],
    [{ rows: [{ items: [1] }] }, 'rows.0.items'],
    [{ rows: [{ note: 'x'.repeat(32_768) }] }, 'rows.0.note'],
    [{ columns: [{ key: 'a', type: 'money' }] }, 'columns.0.type'],
    [{ target: '' }, 'target'],
  ])('refuses %o', async (wrong, field) => {
    const handler = await loadExample('generate-report');
    expect(await checkPayload(handler, { title: 'Report', rows: [], ...wrong })).toEqual({ refused: [field] });
  });
});
