import { JobQueueError } from '../../src/errors.ts';
import type { Context } from './context.ts';
import type { Flag } from './define-command.ts';

/** The flags of a command that asks before it acts. */
export const CONFIRM_FLAGS = { yes: { short: 'y', description: 'Do not ask' } } as const satisfies Record<string, Flag>;

/**
 * Refuses, before anything is done or even connected, a destructive command that nobody can confirm.
 * @throws JobQueueError CONFIRMATION_NEEDED
 */
export function assertCanConfirm(context: Context, { yes }: { yes: boolean }): void {
  if (yes || context.canAsk) return;
  throw new JobQueueError('CONFIRMATION_NEEDED', 'This cannot be undone, and there is no terminal to ask on', {
    hint: 'Add --yes to do it without a question',
  });
}

/**
 * Asks on stderr; anything but yes, and the end of the input, is no.
 * @throws JobQueueError DECLINED
 */
export async function confirm(context: Context, question: string, { yes }: { yes: boolean }): Promise<void> {
  if (yes) return;
  const { createInterface } = await import('node:readline/promises');
  const terminal = createInterface({ input: context.stdin, output: context.stderr, terminal: false });
  try {
    const ended = new Promise<string>((resolve) => terminal.once('close', () => resolve('')));
    const answer = await Promise.race([terminal.question(`${question} [y/N] `, { signal: context.signal }), ended]);
    if (!/^y(es)?$/i.test(answer.trim())) throw new JobQueueError('DECLINED', 'Nothing was done');
  } finally {
    terminal.close();
  }
}
