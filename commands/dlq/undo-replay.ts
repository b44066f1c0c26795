import { JobQueueError } from '../../src/errors.ts';
import { cleanLine, count } from '../../src/lib/text.ts';
import { assertCanConfirm, confirm } from '../framework/confirm.ts';
import type { Context } from '../framework/context.ts';
import { jsonText } from '../framework/json-text.ts';
import { startProgress } from '../framework/progress.ts';
import { stopKey } from '../framework/stop-key.ts';

interface Undo {
  batch: string;
  queue: string | undefined;
  dryRun: boolean;
  yes: boolean;
}

/**
 * Makes those of a replay dead again that have not been started since.
 * @throws JobQueueError CONFIRMATION_NEEDED, DECLINED, BATCH_NOT_FOUND
 */
export async function undoReplay(context: Context, { batch, queue, dryRun, yes }: Undo): Promise<void> {
  if (!dryRun) assertCanConfirm(context, { yes });
  const project = await context.project();
  const { countUndoable, undoReplayOf } = await import('../../src/jobs/replay-dead-letters.ts');
  // It looks at every job that waits: who needs no answer need not wait for it.
  const found = dryRun || !yes ? await countUndoable(project, batch, queue) : undefined;
  const total = found?.total;
  if (dryRun) {
    const { total, byQueue } = found!;
    if (context.output.startsWith('json')) context.print(jsonText({ total, byQueue }));
    else for (const [name, amount] of Object.entries(byQueue)) context.print(`${name}\t${amount}`);
    return context.note(`Nothing was done. ${count(total, 'job')} of this replay can be made dead again`);
  }
  const { label } = project.broker.target;
  if (total) {
    await confirm(context, cleanLine(`Make ${count(total, 'job')} that wait dead again in ${label}?`), { yes });
  }
  const progress = startProgress(context, 'undone');
  const stop = stopKey(context);
  const options = { signal: stop.signal, onProgress: (done: number) => progress.update(done, total) };
  const { undone } = await undoReplayOf(project, batch, queue, options).finally(() => {
    progress.end();
    stop.end();
  });
  if (context.output.startsWith('json')) context.print(jsonText({ undone, batch }));
  else context.print(context.forPerson ? `Dead again: ${count(undone, 'job')}` : String(undone));
  if (stop.signal.aborted && undone !== total) {
    context.note(`Stopped after ${undone}. To go on: jq dlq replay --undo ${batch}`);
    context.signal.throwIfAborted();
    throw new JobQueueError('PARTLY_DONE', `${count(undone, 'job')} are dead again: Esc was pressed`);
  }
}
