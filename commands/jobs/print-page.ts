import type { Job } from '../../src/jobs/job.ts';
import { count, grouped } from '../../src/lib/text.ts';
import type { Context } from '../framework/context.ts';
import { type Column, printRows } from '../framework/print-rows.ts';

interface Page {
  jobs: Job[];
  /** How many there are in all. */
  total: number;
  limit: number;
  offset: number;
}

/** Prints a page of jobs, and tells a person how to see the next one. `noun` is what they are called. */
export function printPage(context: Context, page: Page, columns: readonly Column<Job>[], noun: string): void {
  printRows(context, { columns, rows: page.jobs, json: page, id: (job) => job.id, empty: `No ${noun}s` });
  const last = page.offset + page.jobs.length;
  if (!context.forPerson || page.total <= last) return;
  const shown = `${grouped(last)} of ${count(page.total, noun)}`;
  context.note(context.paintNote('dim', `${shown}. More: --offset ${last}`));
}
