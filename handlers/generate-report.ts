import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { defineHandler, Discard } from 'jobqueue';
import type { Cell, SheetData } from 'write-excel-file/node';
import { z } from 'zod';

const { REPORTS = './reports' } = process.env;

const columnType = z.enum(['number', 'date', 'text']);
const column = z.object({ key: z.string(), title: z.string().optional(), type: columnType.optional() });
// Excel refuses to open files with longer texts or more rows.
const record = z.record(z.string(), z.union([z.string().max(32_767), z.number(), z.boolean(), z.null()]));
const isoDate = z.union([z.iso.date(), z.iso.datetime({ offset: true })]);

/** Writes rows to an Excel file. Without `columns` there is one for each key; without `type`, the first that fits. */
export default defineHandler({
  description: 'Writes rows to an Excel file',
  input: z.object({
    title: z.string().min(1),
    columns: z.array(column).optional(),
    rows: z.array(record).max(1_048_575),
    target: z.string().min(1).optional(),
  }),

  async run({ title, columns, rows, target }, { job, log, signal, progress }) {
    const keys = [...new Set(rows.flatMap((row) => Object.keys(row)))];
    const layout = (columns ?? keys.map((key) => column.parse({ key }))).map(({ key, ...given }) => {
      const fits = (type: string) => rows.every((row) => cellOf(row[key], type) !== undefined);
      return { key, title: given.title ?? key, type: given.type ?? columnType.options.find(fits) ?? 'text', width: 20 };
    });

    const sheet: SheetData = [layout.map((each) => ({ value: each.title, fontWeight: 'bold' }))];
    for (const [index, row] of rows.entries()) {
      const wrong = layout.find(({ key, type }) => cellOf(row[key], type) === undefined);
      if (wrong) throw new Discard(`Row ${index + 1}: "${wrong.key}" is not a ${wrong.type}`);
      sheet.push(layout.map(({ key, type }) => cellOf(row[key], type)));
      // While this waits, the worker hears of a timeout or a stop; `signal` tells.
      if (index % Math.ceil(rows.length / 10) === 0) await progress(Math.round((100 * index) / rows.length));
      signal.throwIfAborted();
    }

    // Imported here, because `jq enqueue` loads this file too, to check the payload, and writes no report for that.
    const { default: writeExcelFile } = await import('write-excel-file/node');
    const name = title.replace(/[[\]/\\:*?']+/g, ' ').slice(0, 31); // what Excel takes
    const options = { sheet: name, columns: layout, stickyRowsCount: 1, dateFormat: 'yyyy-mm-dd' };
    const data = await writeExcelFile(sheet, options).toBuffer();

    // Written beside the target and renamed, so that nobody ever opens half a report.
    const file = target ?? join(REPORTS, `${encodeURIComponent(job.id)}.xlsx`);
    const unfinished = `${file}.${randomUUID()}`;
    await mkdir(dirname(file), { recursive: true });
    try {
      await writeFile(unfinished, data, { signal });
      await rename(unfinished, file);
    } finally {
      await rm(unfinished, { force: true });
    }
    log.info({ target: file, rows: rows.length }, 'written');
    return { target: file, rows: rows.length, bytes: data.length };
  },
});

/** The cell for a value: empty for none, undefined when it does not fit a column of this type. */
function cellOf(value: unknown, type: string): Cell {
  if (value === undefined || value === null || value === '') return null;
  if (type === 'text') return String(value);
  if (type === 'number') return typeof value === 'number' ? value : undefined;
  return isoDate.safeParse(value).success ? new Date(String(value)) : undefined;
}
