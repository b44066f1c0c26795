import { JobQueueError } from '../../src/errors.ts';
import { now } from '../../src/lib/clock.ts';
import { oneOf, span } from '../../src/lib/value-kind.ts';
import { defineCommand } from '../framework/define-command.ts';
import { changeMany, CHOICE_FLAGS } from '../jobs/change-many.ts';
import { QUEUE } from './one-queue.ts';

const STATES = ['completed', 'failed', 'waiting', 'prioritized', 'delayed'] as const;
const { limit, dryRun, yes } = CHOICE_FLAGS;

export const queuesClean = defineCommand({
  name: 'clean',
  group: 'Recover',
  summary: 'delete old jobs of a queue that are in one state',
  description:
    'Old is what ended so long ago, or, where it has not, was added. Dead letters are deleted with --state failed only.',
  arguments: { queue: QUEUE },
  options: [],
  flags: {
    state: { value: 'state', kind: oneOf(...STATES), description: STATES.join(', '), complete: STATES },
    older: { value: 'duration', kind: span, description: 'Older than this: 2d' },
    limit,
    dryRun,
    yes,
  },
  examples: [{ run: 'jq queues clean mail --state completed --older 2d', says: 'after a question' }],
  handlesSignals: true,
  async run(context, { args: { queue }, flags }) {
    const { state, older } = flags;
    if (state === undefined || older === undefined) {
      throw new JobQueueError('USAGE', 'Expected --state and --older', {
        hint: 'Such as: --state completed --older 2d',
      });
    }
    const { filterOf } = await import('../../src/jobs/filter/from-flags.ts');
    const filter = filterOf({ queue: `"${queue}"`, state, until: now() - older });
    await changeMany(context, { change: 'remove', done: 'removed', noun: `${state} job`, filter }, flags);
  },
});
