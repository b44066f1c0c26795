import type { Filter } from '../../src/jobs/filter/filter.ts';
import { count, grouped } from '../../src/lib/text.ts';
import { integer } from '../../src/lib/value-kind.ts';
import type { Context } from '../framework/context.ts';
import type { Flag } from '../framework/define-command.ts';
import { printRows } from '../framework/print-rows.ts';
import { startProgress } from '../framework/progress.ts';
import { JOB_COLUMNS } from './columns.ts';
import { SCAN_LIMIT_FLAG } from './filter-flags.ts';

export const PAGE_FLAGS = {
  limit: { value: 'n', kind: integer({ min: 1, max: 10_000 }), description: 'At most so many (default 50)' },
  offset: { value: 'n', kind: integer({ min: 0 }), description: 'Leave out so many first' },
  scanLimit: { ...SCAN_LIMIT_FLAG.scanLimit, description: 'Look at no more jobs than these (default 100,000)' },
} as const satisfies Record<string, Flag>;

interface PageOptions {
  limit: number | undefined;
  offset: number | undefined;
  scanLimit: number | undefined;
}

/** Prints the jobs that fit, newest first, and tells a person how far it looked and how to see more. */
export async function printFound(
  context: Context,
  filter: Filter,
  { limit = 50, offset = 0, ...options }: PageOptions,
): Promise<void> {
  const [{ searchJobs }, { SCAN_LIMIT }] = await Promise.all([
    import('../../src/jobs/search-jobs.ts'),
    import('../../src/jobs/scan-jobs.ts'),
  ]);
  const { scanLimit = SCAN_LIMIT } = options;
  const project = await context.project();
  const progress = startProgress(context, 'looked at');
  const page = await searchJobs(project, filter, {
    limit,
    offset,
    scanLimit,
    signal: context.signal,
    onProgress: (scanned, total) => progress.update(scanned, Math.min(total, scanLimit)),
  }).finally(() => progress.end());
  printRows(context, { columns: JOB_COLUMNS, rows: page.jobs, json: page, id: (job) => job.id, empty: 'No jobs' });
  if (page.stopped) {
    context.note(
      `Stopped after looking at ${count(page.scanned, 'job')}. To look further: --scan-limit ${scanLimit * 10}`,
    );
  }
  const last = offset + page.jobs.length;
  const isLast = page.total === null ? page.jobs.length < limit : page.total <= last;
  if (!context.forPerson || isLast) return;
  const shown = page.total === null ? grouped(last) : `${grouped(last)} of ${count(page.total, 'job')}`;
  context.note(context.paintNote('dim', `${shown}. More: --offset ${last}`));
}
