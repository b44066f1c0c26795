import { JobQueueError } from '../../src/errors.ts';
import type { PayloadChange } from '../../src/jobs/change-payload.ts';
import { renderAssignment } from '../../src/lib/assignment.ts';
import { integer } from '../../src/lib/value-kind.ts';
import { CONFIRM_FLAGS } from '../framework/confirm.ts';
import type { Context } from '../framework/context.ts';
import { defineCommand, type Flag, type FlagValues } from '../framework/define-command.ts';
import { assignment, rate } from '../framework/flag-kinds.ts';
import { QUEUE_FLAG } from '../jobs/one-job.ts';
import { changeDeadLetters } from './change-dead-letters.ts';
import { editPayload } from './edit-payload.ts';
import { SELECTOR_ARGUMENTS, SELECTOR_FLAGS, selectorOf } from './filter.ts';
import { undoReplay } from './undo-replay.ts';

const FLAGS = {
  ...SELECTOR_FLAGS,
  limit: { value: 'n', kind: integer({ min: 1 }), description: 'At most so many, the oldest first' },
  rate: { value: 'n/s', kind: rate, description: 'No faster than this: 100/s, 600/m' },
  to: { ...QUEUE_FLAG.queue, value: 'queue', description: 'Put them into this queue instead of their own' },
  set: {
    value: 'path=value',
    kind: assignment,
    repeatable: true,
    description: 'Change the payload of each: user.id=7, items.0.price=1.5',
  },
  edit: { description: 'Change the payload of one in your $VISUAL or $EDITOR' },
  allowUnknown: { description: 'With --set or --edit: also types that no handler here has, unchecked' },
  undo: { value: 'batch', description: 'Make those of a replay dead again that have not been started' },
  dryRun: { description: 'Show what would be done' },
  ...CONFIRM_FLAGS,
} as const satisfies Record<string, Flag>;

export const dlqReplay = defineCommand({
  name: 'replay',
  summary: 'put dead letters back to wait, as new',
  description: `Each one goes back to its queue with all its attempts and its priority. What dies again meanwhile is not taken twice.
Stopped by Ctrl-C or Esc and begun again, it goes on with what is left. A changed payload is checked by the schema of the handler.`,
  arguments: SELECTOR_ARGUMENTS,
  options: [],
  flags: FLAGS,
  examples: [
    { run: 'jq dlq replay --all', says: 'all of them, after a question' },
    { run: 'jq dlq replay --queue mail --error ETIMEDOUT --since 2h --dry-run', says: 'what that would replay' },
    { run: "jq dlq replay --where 'payload.userId:7 attempts:>3'", says: 'those of one user that were tried long' },
    { run: 'jq dlq replay --type send-email --rate 100/s --yes', says: 'gently, without a question' },
    { run: 'jq dlq replay --group 5c1f0a9be377 --set region=eu', says: 'a group of jq dlq groups, mended' },
    { run: 'jq dlq replay j_0199b2f0c4d87e5f8a31 --edit', says: 'one, with another payload' },
    { run: 'jq dlq replay --undo r_0199b2f0c4d87e5f8a31b6c2d4e5f607', says: 'that was a mistake' },
  ],
  handlesSignals: true,
  async run(context, { args: { ids }, flags }) {
    assertTogether(ids, flags);
    if (flags.undo !== undefined) return undoReplay(context, { ...flags, batch: flags.undo });
    const filter = selectorOf(ids, flags);
    const change = await changeOf(context, ids, flags);
    return changeDeadLetters(context, {
      ...flags,
      name: 'replay',
      done: 'replayed',
      filter,
      repeat: {
        rate: flags.rate === undefined ? undefined : `${flags.rate}/s`,
        to: flags.to,
        set: change?.assignments.filter(({ path }) => path.length > 0).map(renderAssignment),
        edit: flags.edit ? '' : undefined,
        'allow-unknown': flags.allowUnknown ? '' : undefined,
      },
      leftOut: flags.to && `the others are part of a flow, or ${flags.to} has a job with their id`,
      check:
        change &&
        ((project) => async (letters) => void (await (await jobs()).changePayloads(project, letters, change))),
      async act(project, chosen, options) {
        const { replayDeadLetters } = await jobs();
        const more = { ratePerSecond: flags.rate, to: flags.to, change };
        const { replayed, batch } = await replayDeadLetters(project, chosen, { ...options, ...more });
        return {
          changed: replayed,
          facts: { batch },
          hint: `To undo what has not been started: jq dlq replay --undo ${batch}`,
        };
      },
    });
  },
});

const jobs = () => import('../../src/jobs/replay-dead-letters.ts');

/** @throws JobQueueError USAGE for flags that exclude each other */
function assertTogether(ids: readonly string[], flags: FlagValues<typeof FLAGS>): void {
  const { undo, edit, set, ...others } = flags;
  if (undo !== undefined) {
    const { queue: _queue, dryRun: _dryRun, yes: _yes, ...rest } = others;
    const given = edit || set?.length || ids.length > 0 || Object.values(rest).some(Boolean);
    if (given) throw new JobQueueError('USAGE', 'Expected --undo with nothing but --queue, --dry-run and --yes');
  }
  if (edit && (new Set(ids).size !== 1 || flags.all)) {
    throw new JobQueueError('USAGE', `Expected one id with --edit, got ${new Set(ids).size}`, {
      hint: 'To change the payloads of many: --set path=value',
    });
  }
  if (edit && set?.length) throw new JobQueueError('USAGE', 'Expected --edit or --set, got both');
}

async function changeOf(
  context: Context,
  ids: readonly string[],
  { edit, set, queue, allowUnknown, dryRun, yes }: FlagValues<typeof FLAGS>,
): Promise<PayloadChange | undefined> {
  if (edit && !dryRun) return editPayload(context, ids[0]!, { queue, allowUnknown, yes });
  return set?.length ? { assignments: set, allowUnknown } : undefined;
}
