import path from 'node:path';
import { JobQueueError } from '../../src/errors.ts';
import { count } from '../../src/lib/text.ts';
import { integer } from '../../src/lib/value-kind.ts';
import { CONFIRM_FLAGS } from '../framework/confirm.ts';
import { defineCommand } from '../framework/define-command.ts';
import { time } from '../framework/flag-kinds.ts';
import { changeDeadLetters } from './change-dead-letters.ts';
import { SELECTOR_ARGUMENTS, SELECTOR_FLAGS, selectorOf } from './filter.ts';

export const dlqArchive = defineCommand({
  name: 'archive',
  summary: 'move dead letters out of Redis, into a file',
  description: `Each batch is written and synced to the disk before it is removed, so that none is lost, whatever ends this. A file that is there
is added to. The lines are JSON with all that Redis had; jq dlq import brings them back.`,
  arguments: SELECTOR_ARGUMENTS,
  options: [],
  flags: {
    ...SELECTOR_FLAGS,
    older: { value: 'age', kind: time('ago'), description: 'Those that died so long ago: the same as --until 30d' },
    to: { value: 'file', description: 'Where to: old.jsonl, or old.jsonl.gz to compress it', complete: 'files' },
    limit: { value: 'n', kind: integer({ min: 1 }), description: 'At most so many, the oldest first' },
    dryRun: { description: 'Show what would be done' },
    ...CONFIRM_FLAGS,
  },
  examples: [
    { run: 'jq dlq archive --older 30d --to dead.jsonl.gz', says: 'the old ones' },
    { run: 'jq dlq archive --all --to dead.jsonl --yes', says: 'all of them, without a question' },
  ],
  handlesSignals: true,
  async run(context, { args: { ids }, flags: { older, to, ...flags } }) {
    if (to === undefined) throw new JobQueueError('USAGE', 'Expected --to FILE: where the dead letters go');
    if (older !== undefined && flags.until !== undefined) {
      throw new JobQueueError('USAGE', 'Expected --older or --until, got both');
    }
    const filter = selectorOf(ids, { ...flags, until: older ?? flags.until });
    return changeDeadLetters(context, {
      ...flags,
      name: 'archive',
      done: 'archived',
      filter,
      repeat: { to },
      async act(project, chosen, options) {
        const { archiveDeadLetters } = await import('../../src/jobs/archive/archive-dead-letters.ts');
        const file = path.resolve(context.cwd, to);
        const { archived, recovered } = await archiveDeadLetters(project, chosen, file, options);
        if (recovered > 0)
          context.note(`Removed ${count(recovered, 'dead letter')} that an interrupted run had written`);
        return { changed: archived + recovered, facts: { file: to } };
      },
    });
  },
});
