import { JobQueueError } from '../../src/errors.ts';
import type { BulkOptions, countDeadLetters, DeadLetterFilter } from '../../src/jobs/dead-letters.ts';
import type { Project } from '../../src/jobs/project.ts';
import { cleanLine, count, grouped } from '../../src/lib/text.ts';
import { assertCanConfirm, confirm } from '../framework/confirm.ts';
import type { Context } from '../framework/context.ts';
import { jsonText } from '../framework/json-text.ts';
import { printRows } from '../framework/print-rows.ts';
import { startProgress } from '../framework/progress.ts';
import { stopKey } from '../framework/stop-key.ts';
import { renderSelector } from './filter.ts';

interface Change {
  /** The word of the command: `replay`. */
  name: string;
  /** What was done: `replayed`. */
  done: string;
  filter: DeadLetterFilter;
  limit?: number | undefined;
  /** Flags that a repetition of the command needs too. */
  repeat: Record<string, string | readonly string[] | undefined>;
  dryRun: boolean;
  yes: boolean;
  /** Looks at all that are meant before the first one is touched, and throws when one cannot be changed. */
  check?: ((project: Project) => Parameters<typeof countDeadLetters>[2]) | undefined;
  /** @returns how many it did, as `--json` prints it under the name of what was done, and what it prints besides */
  act(project: Project, filter: DeadLetterFilter, options: BulkOptions): Promise<Done>;
  /** Why fewer than there are can be changed, if so. */
  leftOut?: string | undefined;
}

interface Done {
  changed: number;
  facts?: Record<string, string>;
  /** Said to a person in the end. */
  hint?: string;
}

type Found = Awaited<ReturnType<typeof countDeadLetters>>;

/**
 * Counts the dead letters that are meant, asks, and changes them in batches. Ctrl-C and Esc stop between two batches.
 * @throws JobQueueError CONFIRMATION_NEEDED, DECLINED, JOB_NOT_FOUND, JOB_STATE, PARTLY_DONE
 */
export async function changeDeadLetters(context: Context, change: Change): Promise<void> {
  const { name, done, dryRun } = change;
  if (!dryRun) assertCanConfirm(context, change);
  const project = await context.project();
  // What dies from now on is not meant, nor is it when the rest is done later.
  const until = Math.min(change.filter.until ?? Infinity, project.broker.clock.now());
  const filter = { ...change.filter, until };
  const asked = new Set(filter.ids).size;
  // Who needs neither an answer nor a check need not wait for the count.
  const found =
    dryRun || !change.yes || asked > 0 || change.check ? await countAll(project, change, filter) : undefined;
  const total = found && Math.min(found.total, change.limit ?? Infinity);
  if (dryRun) {
    const command = renderSelector(`dlq ${name}`, change.filter, { ...limitOf(change.limit), ...change.repeat });
    return printDryRun(context, found!, { total: total!, command });
  }
  if (total !== 0) await confirm(context, question(project, change, found, total), change);

  const progress = startProgress(context, done);
  const stop = stopKey(context);
  const { changed, facts, hint } = await change
    .act(project, filter, {
      limit: change.limit,
      signal: stop.signal,
      onProgress: (amount) => progress.update(amount, total),
    })
    .finally(() => {
      progress.end();
      stop.end();
    });
  printChanged(context, done, changed, facts);
  if (hint !== undefined && changed > 0) context.note(context.paintNote('dim', hint));
  if (stop.signal.aborted && !(total !== undefined && changed >= total)) {
    const left = change.limit === undefined ? undefined : change.limit - changed;
    const rest = renderSelector(`dlq ${name}`, filter, { ...limitOf(left), ...change.repeat });
    const of = total === undefined ? '' : ` of ${grouped(total)}`;
    const so = `Stopped after ${grouped(changed)}${of}. To go on: ${cleanLine(rest)}`;
    context.note(so);
    context.signal.throwIfAborted();
    throw new JobQueueError(
      'PARTLY_DONE',
      `${capitalize(done)} ${count(changed, 'dead letter')} before Esc was pressed`,
    );
  }
  const meant = Math.min(asked || (change.leftOut && found ? found.total : 0), change.limit ?? Infinity);
  if (changed < meant) {
    const why =
      found && found.total < asked ? 'the others are not dead' : (change.leftOut ?? 'the others are not dead');
    throw new JobQueueError('PARTLY_DONE', `${capitalize(done)} ${changed} of ${count(meant, 'job')}: ${why}`);
  }
}

const limitOf = (limit: number | undefined) => ({ limit: limit?.toString() });

async function countAll(project: Project, change: Change, filter: DeadLetterFilter): Promise<Found> {
  const { countDeadLetters } = await import('../../src/jobs/dead-letters.ts');
  const found = await countDeadLetters(project, filter, change.check?.(project));
  const asked = new Set(filter.ids);
  if (found.total > 0 || asked.size === 0) return found;
  throw new JobQueueError(
    'JOB_STATE',
    asked.size === 1 ? `Job ${[...asked][0]} is not dead` : 'None of these jobs is dead',
  );
}

function question(project: Project, { name, limit }: Change, found: Found | undefined, total = 0): string {
  const queues = Object.entries(found?.byQueue ?? {}).map(([queue, amount]) => `${queue} ${grouped(amount)}`);
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

/** How many were changed, alone or with more about it. */
export function printChanged(
  context: Context,
  done: string,
  changed: number,
  facts: Record<string, unknown> = {},
): void {
  if (context.output.startsWith('json')) context.print(jsonText({ [done]: changed, ...facts }));
  else context.print(context.forPerson ? `${capitalize(done)} ${count(changed, 'dead letter')}` : String(changed));
}

export const capitalize = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
