import { JobQueueError } from '../../src/errors.ts';
import type { Refusal } from '../../src/jobs/cancel-jobs.ts';
import type { Change, countMatching } from '../../src/jobs/change-matching.ts';
import type { Filter } from '../../src/jobs/filter/filter.ts';
import type { Project } from '../../src/jobs/project.ts';
import { cleanLine, count, grouped } from '../../src/lib/text.ts';
import { integer } from '../../src/lib/value-kind.ts';
import { assertCanConfirm, confirm, CONFIRM_FLAGS } from '../framework/confirm.ts';
import type { Context } from '../framework/context.ts';
import type { Argument, Flag, FlagValues } from '../framework/define-command.ts';
import { jsonText } from '../framework/json-text.ts';
import { printRows } from '../framework/print-rows.ts';
import { startProgress } from '../framework/progress.ts';
import { quoteWord } from '../framework/quote-word.ts';
import { chosenBy, FILTER_FLAGS, SCAN_LIMIT_FLAG } from './filter-flags.ts';

/** The words and flags with which a command says which jobs it is for: by id, or by what fits. */
export const CHOICE_ARGUMENTS = {
  ids: { label: 'ID', description: "The jobs' ids", variadic: true },
} as const satisfies Record<string, Argument>;
export const CHOICE_FLAGS = {
  all: { description: 'All of them, however many' },
  ...FILTER_FLAGS,
  limit: { value: 'n', kind: integer({ min: 1 }), description: 'At most so many' },
  ...SCAN_LIMIT_FLAG,
  dryRun: { description: 'Show what would be done' },
  ...CONFIRM_FLAGS,
} as const satisfies Record<string, Flag>;

export type Choice = FlagValues<typeof CHOICE_FLAGS>;

/**
 * What was chosen: ids, or a filter.
 * @throws JobQueueError USAGE when nothing is chosen, which never means "all", or both are
 */
export async function choiceOf(
  ids: readonly string[],
  flags: Choice,
): Promise<{ ids: readonly string[] } | { filter: Filter }> {
  const { queue, ...others } = chosenBy(flags);
  const isFiltered = flags.all || Object.values(others).some((value) => value !== undefined);
  if (ids.length > 0 && (isFiltered || flags.limit !== undefined)) {
    throw new JobQueueError('USAGE', 'Expected ids or a filter, got both', {
      hint: 'With ids only --queue, --dry-run and --yes have a meaning',
    });
  }
  if (ids.length > 0) return { ids };
  if (!isFiltered && queue === undefined) {
    throw new JobQueueError('USAGE', 'Expected ids, --all, or a filter: nothing was chosen', {
      hint: 'Filters: --queue, --type, --error, --since, --until, --attempts, --where. See what there is with: jq jobs list',
    });
  }
  const { filterOf } = await import('../../src/jobs/filter/from-flags.ts');
  return { filter: filterOf(chosenBy(flags)) };
}

/** Of so many jobs a dry run says which. */
const SAMPLES = 5;

type Found = Awaited<ReturnType<typeof countMatching>>;

/** How a bulk command is to go about it. */
type Bulk = Pick<Choice, 'limit' | 'dryRun' | 'yes'> & { scanLimit?: number | undefined };

interface Many {
  change: Change;
  /** What was done: `removed`. */
  done: string;
  /** What the jobs are called: `dead job`. */
  noun: string;
  filter: Filter;
}

/** Tells what a change of jobs with these ids would do. @throws JobQueueError JOB_NOT_FOUND */
export async function dryRunOf(
  context: Context,
  { change, noun }: Pick<Many, 'change' | 'noun'>,
  ids: readonly string[],
  queue: string | undefined,
): Promise<void> {
  const { choosable } = await import('../../src/jobs/change-matching.ts');
  const jobs = await choosable(await context.project(), change, ids, queue);
  const byQueue = Object.fromEntries(
    [...Map.groupBy(jobs, (job) => job.queue)].map(([name, { length }]) => [name, length]),
  );
  const words = [...ids, ...(queue === undefined ? [] : ['--queue', queue])].map(quoteWord);
  const found = { total: jobs.length, byQueue, samples: jobs.slice(0, SAMPLES), stopped: false };
  printDryRun(context, noun, found, ['jq jobs', change, ...words].join(' '));
}

/**
 * Counts the jobs that fit, asks, and changes them in batches. Ctrl-C stops between two of them.
 * @throws JobQueueError CONFIRMATION_NEEDED, DECLINED, UNKNOWN_QUEUE, PARTLY_DONE
 */
export async function changeMany(context: Context, many: Many, flags: Bulk): Promise<void> {
  const { change, done, noun, filter } = many;
  if (!flags.dryRun) assertCanConfirm(context, flags);
  const { countMatching, changeMatching } = await import('../../src/jobs/change-matching.ts');
  const project = await context.project();
  const options = { scanLimit: flags.scanLimit ?? Infinity, limit: flags.limit, signal: context.signal };
  const counting = startProgress(context, 'looked at');
  const found = await countMatching(project, change, filter, {
    ...options,
    onProgress: (_found, scanned, total) => counting.update(scanned, total),
  }).finally(() => counting.end());
  context.signal.throwIfAborted();
  if (found.stopped)
    context.note(`Stopped looking after ${count(flags.scanLimit!, 'job')}: there may be more that fit`);
  if (flags.dryRun) return printDryRun(context, noun, found, await commandOf(many, flags));

  if (found.total > 0) await confirm(context, question(project, many, found), flags);
  const progress = startProgress(context, done);
  const refusals: Refusal[] = [];
  const changed = await changeMatching(project, change, filter, {
    ...options,
    onRefused: (some) => refusals.push(...some),
    onProgress: (amount) => progress.update(amount, found.total),
  }).finally(() => progress.end());
  for (const { reason } of refusals.slice(0, SAMPLES)) context.note(cleanLine(reason));
  if (refusals.length > SAMPLES) context.note(`and ${count(refusals.length - SAMPLES, 'job')} more`);
  if (context.output.startsWith('json')) context.print(jsonText({ [done]: changed }));
  else context.print(context.forPerson ? `${capitalize(done)} ${count(changed, noun)}` : String(changed));
  if (context.signal.aborted) {
    context.note(`Stopped after ${grouped(changed)} of ${count(found.total, noun)}. The same command goes on`);
    context.signal.throwIfAborted();
  }
  if (changed < found.total) {
    const of = `${capitalize(done)} ${grouped(changed)} of ${count(found.total, noun)}`;
    const others = changed + refusals.length < found.total;
    throw new JobQueueError(
      'PARTLY_DONE',
      others ? `${of}: the others have moved on meanwhile, or belong to a scheduler` : of,
      { details: refusals },
    );
  }
}

function question(project: Project, { change, noun }: Many, { total, byQueue }: Found): string {
  const queues = Object.entries(byQueue).map(([queue, amount]) => `${queue} ${grouped(amount)}`);
  return cleanLine(
    `${capitalize(change)} ${count(total, noun)} (${queues.join(', ')}) in ${project.broker.target.label}?`,
  );
}

export function printDryRun(
  context: Context,
  noun: string,
  { total, byQueue, samples }: Omit<Found, 'stopped'>,
  command: string,
): void {
  printRows(context, {
    columns: [
      { title: 'QUEUE', value: ([queue]) => queue },
      { title: 'JOBS', align: 'right', value: ([, amount]) => amount },
    ],
    rows: Object.entries(byQueue),
    json: { total, byQueue, samples, command },
    id: ([queue]) => queue,
    empty: 'No jobs fit',
  });
  for (const { id, type, state } of samples) {
    context.note(context.paintNote('dim', `  ${[id, type, state].map(cleanLine).join('  ')}`));
  }
  if (total > 0) context.note(`Nothing was done. To do it with ${count(total, noun)}: ${cleanLine(command)}`);
}

/** The command line that does it. */
async function commandOf({ change, filter }: Many, { limit, scanLimit }: Bulk): Promise<string> {
  const { renderFlags } = await import('../../src/jobs/filter/render.ts');
  const words = renderFlags(filter);
  const more = [
    ...(limit === undefined ? [] : ['--limit', String(limit)]),
    ...(scanLimit === undefined ? [] : ['--scan-limit', String(scanLimit)]),
  ];
  return ['jq jobs', change, ...[...(words.length > 0 ? words : ['--all']), ...more].map(quoteWord)].join(' ');
}

const capitalize = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
