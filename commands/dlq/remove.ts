import { integer } from '../../src/lib/value-kind.ts';
import { CONFIRM_FLAGS } from '../framework/confirm.ts';
import { defineCommand } from '../framework/define-command.ts';
import { changeDeadLetters } from './change-dead-letters.ts';
import { SELECTOR_ARGUMENTS, SELECTOR_FLAGS, selectorOf } from './filter.ts';

export const dlqRemove = defineCommand({
  name: 'remove',
  summary: 'delete dead letters for good',
  arguments: SELECTOR_ARGUMENTS,
  options: [],
  flags: {
    ...SELECTOR_FLAGS,
    limit: { value: 'n', kind: integer({ min: 1 }), description: 'At most so many, the oldest first' },
    dryRun: { description: 'Show what would be done' },
    ...CONFIRM_FLAGS,
  },
  examples: [
    { run: 'jq dlq remove --type send-email --until 30d', says: 'the old ones' },
    { run: 'jq dlq remove j_0199b2f0c4d87e5f8a31 --yes', says: 'one, without a question' },
  ],
  handlesSignals: true,
  async run(context, { args: { ids }, flags }) {
    const filter = selectorOf(ids, flags);
    return changeDeadLetters(context, {
      ...flags,
      name: 'remove',
      done: 'removed',
      filter,
      repeat: {},
      async act(project, chosen, options) {
        const { removeDeadLetters } = await import('../../src/jobs/dead-letters.ts');
        return { changed: (await removeDeadLetters(project, chosen, options)).removed };
      },
    });
  },
});
