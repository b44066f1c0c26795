import { JobQueueError, messageOf } from '../../src/errors.ts';
import { cleanLine, count } from '../../src/lib/text.ts';
import type { Context } from './context.ts';
import { jsonText } from './json-text.ts';

/**
 * Does the same to several things, one by one; one that refuses does not hinder the others. What it was done to is
 * printed, or what `change` says came of it.
 * @throws JobQueueError the error itself when nothing was done, PARTLY_DONE when some of it was
 */
export async function changeEach(
  context: Context,
  { verb, noun }: { verb: string; noun: string },
  ids: readonly string[],
  change: (id: string) => Promise<string | void>,
): Promise<void> {
  const done: string[] = [];
  const failed: { id: string; reason: string }[] = [];
  let firstError: unknown;
  for (const id of new Set(ids)) {
    context.signal.throwIfAborted();
    try {
      done.push((await change(id)) ?? id);
    } catch (error) {
      // When Redis is away, it is away for the others too.
      if (!(error instanceof JobQueueError) || error.exitCode === 4) throw error;
      firstError ??= error;
      failed.push({ id, reason: messageOf(error) });
    }
  }
  if (done.length === 0 && failed.length === 1) throw firstError;
  for (const { reason } of failed) context.note(cleanLine(reason));
  if (context.output === 'json') context.print(jsonText({ done, failed }, 2));
  else for (const id of done) context.print(context.forPerson ? `${verb} ${id}` : id);
  if (done.length === 0) throw firstError;
  if (failed.length > 0)
    throw new JobQueueError('PARTLY_DONE', `${verb} ${done.length} of ${count(done.length + failed.length, noun)}`, {
      details: failed,
    });
}
