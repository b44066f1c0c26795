import { JobQueueError, toError } from '../../src/errors.ts';
import { cleanText } from '../../src/lib/text.ts';
import { jsonText } from './json-text.ts';
import { painter, wantsColor } from './terminal.ts';
import type { Surroundings } from './context.ts';

/**
 * Tells on stderr what went wrong.
 * An expected error is a message and perhaps a hint, only an unexpected one (or `--verbose`) shows where it arose.
 * @returns the exit code
 */
export function reportError(thrown: unknown, argv: readonly string[], { env, stderr }: Surroundings): number {
  const error = toError(thrown);
  const expected = error instanceof JobQueueError;
  const words = argv.slice(0, argv.includes('--') ? argv.indexOf('--') : undefined);
  if (wantsJson(words)) {
    const data = expected ? error.toJSON() : { code: 'UNEXPECTED', message: error.message, stack: error.stack };
    stderr.write(`${jsonText({ error: data })}\n`);
  } else {
    const paint = painter(wantsColor(words.includes('--color=always') ? 'always' : 'auto', env, stderr));
    const verbose = !expected || words.includes('--verbose') || words.includes('-v');
    stderr.write(`${paint('red', 'jq:')} ${cleanText(error.message)}\n`);
    if (expected && error.hint !== undefined) stderr.write(`${cleanText(error.hint)}\n`);
    if (verbose) stderr.write(`${cleanText(stackOf(error))}\n`);
  }
  return expected ? error.exitCode : 1;
}

// The command line may be what is wrong, so it is not parsed for this.
function wantsJson(words: readonly string[]): boolean {
  return words.some(
    (word, index) =>
      word === '--json' ||
      (/^(--output=)?jsonl?$/.test(word) && (word.startsWith('--') || words[index - 1] === '--output')),
  );
}

/** Where an error arose, and the errors that caused it. */
function stackOf(error: Error): string {
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  const cause =
    error.cause === undefined ? [] : [`Caused by: ${toError(error.cause).message}`, stackOf(toError(error.cause))];
  return [...frames, ...cause].join('\n');
}
