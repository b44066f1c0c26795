import path from 'node:path';
import { JobQueueError } from '../../src/errors.ts';
import { cleanLine, count, grouped } from '../../src/lib/text.ts';
import { assertCanConfirm, confirm, CONFIRM_FLAGS } from '../framework/confirm.ts';
import { defineCommand } from '../framework/define-command.ts';
import { jsonText } from '../framework/json-text.ts';
import { startProgress } from '../framework/progress.ts';
import { stopKey } from '../framework/stop-key.ts';

export const dlqImport = defineCommand({
  name: 'import',
  summary: 'bring archived dead letters back',
  description: `They are dead letters again, as they were; with --replay they wait, as new. All lines are checked before the first one is stored.
One that is a dead letter already is left as it is, so an import can be repeated.`,
  arguments: {
    file: {
      label: 'FILE',
      description: 'What jq dlq archive wrote: .jsonl or .jsonl.gz',
      required: true,
      complete: 'files',
    },
  },
  options: [],
  flags: {
    replay: { description: 'Put them back to wait at once' },
    dryRun: { description: 'Show what would be done' },
    ...CONFIRM_FLAGS,
  },
  examples: [
    { run: 'jq dlq import dead.jsonl.gz', says: 'dead letters again' },
    { run: 'jq dlq import dead.jsonl --replay --yes', says: 'one more chance, without a question' },
  ],
  handlesSignals: true,
  async run(context, { args, flags: { replay, dryRun, yes } }) {
    if (!dryRun) assertCanConfirm(context, { yes });
    const { checkArchive, importDeadLetters } = await import('../../src/jobs/archive/import-dead-letters.ts');
    const file = path.resolve(context.cwd, args.file);
    const { total, byQueue } = await checkArchive(file);
    const queues = Object.entries(byQueue).map(([queue, amount]) => `${queue} ${grouped(amount)}`);
    if (dryRun) {
      if (context.output.startsWith('json')) return context.print(jsonText({ total, byQueue }));
      for (const [queue, amount] of Object.entries(byQueue)) context.print(`${cleanLine(queue)}\t${amount}`);
      return context.note(`Nothing was done. ${count(total, 'dead letter')} in ${args.file}`);
    }
    const project = await context.project();
    const what = `${replay ? 'Import and replay' : 'Import'} ${count(total, 'dead letter')} (${queues.join(', ')})`;
    if (total > 0) await confirm(context, cleanLine(`${what} into ${project.broker.target.label}?`), { yes });

    const progress = startProgress(context, 'imported');
    const stop = stopKey(context);
    const onProgress = (done: number) => progress.update(done, total);
    const { imported, present, taken, replayed, batch } = await importDeadLetters(project, file, {
      replay,
      signal: stop.signal,
      onProgress,
    }).finally(() => {
      progress.end();
      stop.end();
    });
    if (context.output.startsWith('json')) {
      context.print(jsonText({ imported, present, taken, ...(replay ? { replayed, batch } : {}) }));
    } else context.print(context.forPerson ? `Imported ${count(imported, 'dead letter')}` : String(imported));
    if (present > 0) context.note(`${count(present, 'dead letter was', 'dead letters were')} there already`);
    if (replay) context.note(`Replayed ${count(replayed, 'dead letter')}`);
    const seen = imported + present + taken;
    if (stop.signal.aborted && seen < total) {
      context.note(`Stopped after ${seen} of ${total}. To go on, do the same again`);
      context.signal.throwIfAborted();
    }
    if (seen - taken < total) {
      const why = taken > 0 ? 'there is another job with their id, or they are not dead any more' : 'Esc was pressed';
      throw new JobQueueError('PARTLY_DONE', `Imported ${seen - taken} of ${count(total, 'dead letter')}: ${why}`);
    }
  },
});
