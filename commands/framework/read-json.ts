import { JobQueueError } from '../../src/errors.ts';
import { type Json, type JsonFault, parseJson } from '../../src/lib/json.ts';
import { cleanText } from '../../src/lib/text.ts';

const SPOT_COLUMNS = 60;

/**
 * The value of a JSON text.
 * @param name where the text comes from, as the error names it
 * @throws JobQueueError INVALID_JSON with line, column, and the spot itself
 */
export function readJson(text: string, name: string): Json {
  const parsed = parseJson(text);
  if ('value' in parsed) return parsed.value;
  const { line, column, reason } = parsed.fault;
  throw new JobQueueError('INVALID_JSON', `${name} is not JSON: line ${line}, column ${column}: ${reason}`, {
    hint: renderSpot(text, parsed.fault),
    details: parsed.fault,
  });
}

/** The part of the line around the fault, and a mark under its column. */
export function renderSpot(text: string, { line, column }: JsonFault): string | undefined {
  const whole = text.split('\n')[line - 1] ?? '';
  const start = Math.max(0, column - 1 - SPOT_COLUMNS / 2);
  // One character stays one column, so that the mark stands where it should; half of one could hide what the whole is.
  const part = whole
    .slice(start, start + SPOT_COLUMNS)
    .replace(/[^ -~]/g, (each) => (each >= ' ' && each.isWellFormed() && cleanText(each) === each ? each : ' '));
  return part.trim() === '' ? undefined : `  ${part.trimEnd()}\n  ${' '.repeat(column - 1 - start)}^`;
}
