import os from 'node:os';
import type { Readable } from 'node:stream';
import { parseJson } from '../../lib/json.ts';
import { cleanLine, truncate } from '../../lib/text.ts';
import { Discard } from '../outcomes.ts';

/** sysexits.h calls it EX_DATAERR: this input will never work. */
const DISCARD_CODE = 65;
const LARGEST_RESULT = 1024 * 1024;
const SHOWN_COLUMNS = 60;

/** How a program ended, and what it had to say. */
export interface ProgramEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** `undefined` when it was too much. */
  stdout: Buffer | undefined;
  lastLines: readonly string[];
}

/**
 * Keeps what a program writes to stdout; more than a result may have is not kept, and told to `onTooLarge`.
 * @returns what gives all of it, `undefined` when it was too much
 */
export function collectOutput(stream: Readable, onTooLarge: () => void): () => Buffer | undefined {
  let chunks: Buffer[] | undefined = [];
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    chunks?.push(chunk);
    if (bytes <= LARGEST_RESULT) return;
    chunks = undefined;
    onTooLarge();
  });
  return () => chunks && Buffer.concat(chunks);
}

/**
 * The result of a program: the JSON on its stdout, null when there is nothing.
 * @throws Error saying how it failed, with its last log lines as stack; Discard when it ended with 65
 */
export function resultOf({ code, signal, stdout, lastLines }: ProgramEnd): unknown {
  if (!stdout) throw explain(new Error('Expected at most 1 MiB of JSON on stdout, got more'), lastLines);
  if (code !== 0) {
    const message = [renderEnd(code, signal), lastLines.at(-1)].filter(Boolean).join(': ');
    throw explain(code === DISCARD_CODE ? new Discard(message) : new Error(message), lastLines);
  }
  const text = stdout.toString();
  if (text.trim() === '') return null;
  const parsed = parseJson(text);
  if ('value' in parsed) return parsed.value;
  const { line, column, reason } = parsed.fault;
  const got = JSON.stringify(truncate(cleanLine(text), SHOWN_COLUMNS));
  throw explain(
    new Error(
      `Expected JSON on stdout, got ${got} (line ${line}, column ${column}: ${reason}); log lines belong on stderr`,
    ),
    lastLines,
  );
}

function renderEnd(code: number | null, signal: NodeJS.Signals | null): string {
  if (code === null) return `Ended by ${signal}`;
  // How a shell tells that the program it ran last was ended by a signal.
  const [inner] = Object.entries(os.constants.signals).find(([, number]) => number === code - 128) ?? [];
  return `Exit code ${code}${inner === undefined ? '' : ` (${inner})`}`;
}

/** Where in our code it was noticed helps nobody: its last words do. */
function explain(error: Error, lastLines: readonly string[]): Error {
  error.stack = [`${error.name}: ${error.message}`, ...lastLines].join('\n');
  return error;
}
