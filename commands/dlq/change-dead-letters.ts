import { JobQueueError } from '../../src/errors.ts';
import type { BulkOptions, countDeadLetters, DeadLetterFilter } from '../../src/jobs/dead-letters.ts';
import type { Project } from '../../src/jobs/project.ts';
import { cleanLine, count } from '../../src/lib/text.ts';
import { assertCanConfirm, confirm } from '../framework/confirm.ts';
import type { Context } from '../framework/context.ts';
import { jsonText } from '../framework/json-text.ts';
import { printRows } from '../framework/print-rows.ts';
import { startProgress } from '../framework/progress.ts';
import { renderSelector } from './filter.ts';

interface Change {
  /** The word of the command: `replay`. */
  name: string;
  /** What was done: `replayed`. */
  done: string;
  filter: DeadLetterFilter;
  limit: number | undefined;
  /** Flags that a repetition of the command needs too. */
  repeat: Record<string, string | undefined>;
  dryRun: boolean;
  yes: boolean;
  act(project: Project, options: BulkOptions): Promise<number>;
}

type Found = Awaited<ReturnType<typeof countDeadLetters>>;

/**
 * Counts the dead letters that are meant, asks, and changes them in batches. Ctrl-C stops between two batches.
 * @throws JobQueueError CONFIRMATION_NEEDED, DECLINED, JOB_NOT_FOUND, JOB_STATE, PARTLY_DONE
 */
export async function changeDeadLetters(context: Context, change: Change): Promise<void> {
  const { name, done, filter, dryRun } = change;
  if (!dryRun) assertCanConfirm(context, change);
  const project = await context.project();
  const jobs = await import('../../src/jobs/dead-letters.ts');
  const found = await jobs.countDeadLetters(project, filter);
  const asked = new Set(filter.ids).size;
  if (found.total === 0 && asked > 0) {
    throw new JobQueueError(
      'JOB_STATE',
      asked === 1 ? `Job ${filter.ids![0]} is not dead` : 'None of these jobs is dead',
    );
  }
  const total = Math.min(found.total, change.limit ?? Infinity);
  const command = renderSelector(`dlq ${name}`, filter, { limit: change.limit?.toString(), ...change.repeat });
  if (dryRun) return printDryRun(context, found, { total, command });

  if (total > 0) await confirm(context, question(project, change, found, total), change);
  const progress = startProgress(context, done);
  const changed = await change
    .act(project, {
      limit: change.limit,
      signal: context.signal,
      onProgress: (amount) => progress.update(amount, total),
    })
    .finally(() => progress.end());
  printChanged(context, done, changed);
  if (context.signal.aborted && changed < total) {
    const rest = renderSelector(`dlq ${name}`, filter, {
      ...change.repeat,
      limit: change.limit === undefined ? undefined : String(change.limit - changed),
    });
    context.note(
      `Stopped after ${changed.toLocaleString('en-US')} of ${count(total, 'dead letter')}. To go on: ${cleanLine(rest)}`,
    );
    context.signal.throwIfAborted();
  }
  if (changed < Math.min(asked, change.limit ?? Infinity)) {
    throw new JobQueueError(
      'PARTLY_DONE',
      `${capitalize(done)} ${changed} of ${count(asked, 'job')}: the others are not dead`,
    );
  }
}

function question(project: Project, { name, limit }: Change, { byQueue }: Found, total: number): string {
  const queues = Object.entries(byQueue).map(([queue, amount]) => `${queue} ${amount.toLocaleString('en-US')}`);
  const which = limit === undefined ? queues.join(', ') : `the oldest of ${queues.join(', ')}`;
  const { label } = project.broker.target;
  return cleanLine(`${capitalize(name)} ${count(total, 'dead letter')} (${which}) in ${label}?`);
}

function printDryRun(
  context: Context,
  { byQueue, samples }: Found,
  { total, command }: { total: number; command: string },
): void {
  printRows(context, {
    columns: [
      { title: 'QUEUE', value: ([queue]) => queue },
      { title: 'DEAD', align: 'right', value: ([, amount]) => amount },
    ],
    rows: Object.entries(byQueue),
    json: { total, byQueue, samples, command },
    id: ([queue]) => queue,
    empty: 'No dead letters fit',
  });
  for (const { id, type, error } of samples) {
    context.note(context.paintNote('dim', `  ${[id, type, error ?? ''].map(cleanLine).join('  ')}`));
  }
  if (total > 0) context.note(`Nothing was done. To do it with ${count(total, 'dead letter')}: ${cleanLine(command)}`);
}

function printChanged(context: Context, done: string, changed: number): void {
  if (context.output.startsWith('json')) context.print(jsonText({ [done]: changed }));
  else context.print(context.forPerson ? `${capitalize(done)} ${count(changed, 'dead letter')}` : String(changed));
}

const capitalize = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
