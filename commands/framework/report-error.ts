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
    const choice = valueOf(words, '--color');
    const color = choice === 'always' || choice === 'never' ? choice : 'auto';
    const paint = painter(wantsColor(color, env, stderr));
    const verbose = !expected || words.includes('--verbose') || words.includes('-v');
    stderr.write(`${paint('red', 'jq:')} ${cleanText(error.message)}\n`);
    if (expected && error.hint !== undefined) stderr.write(`${cleanText(error.hint)}\n`);
    if (verbose) stderr.write(`${cleanText(stackOf(error))}\n`);
  }
  return expected ? error.exitCode : 1;
}

// The command line may be what is wrong, so it is not parsed for this.
const wantsJson = (words: readonly string[]): boolean =>
  words.includes('--json') || (valueOf(words, '--output') ?? '').startsWith('json');

function valueOf(words: readonly string[], flag: string): string | undefined {
  const index = words.findIndex((word) => word === flag || word.startsWith(`${flag}=`));
  return words[index] === flag ? words[index + 1] : words[index]?.slice(flag.length + 1);
}

/** Where an error arose, and the errors that caused it. */
function stackOf(error: Error): string {
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  const cause =
    error.cause === undefined ? [] : [`Caused by: ${toError(error.cause).message}`, stackOf(toError(error.cause))];
  return [...frames, ...cause].join('\n');
}
