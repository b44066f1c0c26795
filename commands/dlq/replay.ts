import { integer } from '../../src/lib/value-kind.ts';
import { CONFIRM_FLAGS } from '../framework/confirm.ts';
import { defineCommand } from '../framework/define-command.ts';
import { rate } from '../framework/flag-kinds.ts';
import { changeDeadLetters } from './change-dead-letters.ts';
import { SELECTOR_ARGUMENTS, SELECTOR_FLAGS, selectorOf } from './filter.ts';

export const dlqReplay = defineCommand({
  name: 'replay',
  summary: 'put dead letters back to wait, as new',
  description: `Each one goes back to its queue with all its attempts and its priority. What dies again meanwhile is not taken twice.
Stopped and begun again, it goes on with what is left.`,
  arguments: SELECTOR_ARGUMENTS,
  options: [],
  flags: {
    ...SELECTOR_FLAGS,
    limit: { value: 'n', kind: integer({ min: 1 }), description: 'At most so many, the oldest first' },
    rate: { value: 'n/s', kind: rate, description: 'No faster than this: 100/s, 600/m' },
    dryRun: { description: 'Show what would be done' },
    ...CONFIRM_FLAGS,
  },
  examples: [
    { run: 'jq dlq replay --all', says: 'all of them, after a question' },
    { run: 'jq dlq replay --queue mail --error ETIMEDOUT --since 2h --dry-run', says: 'what that would replay' },
    { run: 'jq dlq replay --type send-email --rate 100/s --yes', says: 'gently, without a question' },
  ],
  handlesSignals: true,
  async run(context, { args: { ids }, flags }) {
    const filter = selectorOf(ids, flags);
    return changeDeadLetters(context, {
      ...flags,
      name: 'replay',
      done: 'replayed',
      filter,
      repeat: { rate: flags.rate === undefined ? undefined : `${flags.rate}/s` },
      async act(project, options) {
        const { replayDeadLetters } = await import('../../src/jobs/dead-letters.ts');
        return (await replayDeadLetters(project, filter, { ...options, ratePerSecond: flags.rate })).replayed;
      },
    });
  },
});
