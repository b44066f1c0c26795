import { cleanLine, count } from '../../src/lib/text.ts';
import { assertCanConfirm, confirm } from '../framework/confirm.ts';
import { defineCommand } from '../framework/define-command.ts';
import { jsonText } from '../framework/json-text.ts';
import { startProgress } from '../framework/progress.ts';
import { quoteWord } from '../framework/quote-word.ts';
import { CHOICE_FLAGS, printDryRun } from '../jobs/change-many.ts';
import { QUEUE } from './one-queue.ts';

const { dryRun, yes } = CHOICE_FLAGS;

export const queuesRemove = defineCommand({
  name: 'remove',
  group: 'Recover',
  summary: 'delete a queue and all that is in it',
  description:
    'Jobs of every state, dead letters too, schedulers, limits. It is paused first; while jobs of it run, it stays. Stopped, the same command goes on.',
  arguments: { queue: QUEUE },
  options: [],
  flags: { dryRun, yes },
  examples: [{ run: 'jq queues remove mail-test --dry-run', says: 'how many jobs would go with it' }],
  handlesSignals: true,
  async run(context, { args: { queue }, flags }) {
    if (!flags.dryRun) assertCanConfirm(context, flags);
    const { countMatching } = await import('../../src/jobs/change-matching.ts');
    const { jobsOf, removeQueue } = await import('../../src/jobs/remove-queue.ts');
    const project = await context.project();
    const options = { scanLimit: Infinity, signal: context.signal };
    const found = await countMatching(project, 'remove', jobsOf(queue), options);
    context.signal.throwIfAborted();
    if (flags.dryRun) return printDryRun(context, 'job', found, `jq queues remove ${quoteWord(queue)}`);
    const question = `Remove queue ${queue} and ${count(found.total, 'job')} in ${project.broker.target.label}?`;
    await confirm(context, cleanLine(question), flags);
    const progress = startProgress(context, 'removed');
    const { removed, isGone } = await removeQueue(project, queue, {
      signal: context.signal,
      onProgress: (amount) => progress.update(amount, found.total),
    }).finally(() => progress.end());
    if (context.output.startsWith('json')) context.print(jsonText({ queue, removed }));
    else context.print(context.forPerson ? `Removed ${count(removed, 'job')}` : String(removed));
    if (isGone) return;
    context.note(`Queue ${cleanLine(queue)} is still there, and paused. The same command goes on`);
    context.signal.throwIfAborted();
  },
});
