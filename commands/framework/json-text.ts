import { cleanText } from '../../src/lib/text.ts';

/**
 * A value as JSON that a terminal can show: JSON.stringify escapes C0 only, so C1, bidi and zero-width characters
 * that came with a job become `\uXXXX` too. The JSON stays the same value.
 */
export function jsonText(value: unknown, indent = 0): string {
  return escapeHostile(JSON.stringify(value, null, indent) ?? 'null');
}

/** The same for a JSON text. */
export const escapeHostile = (json: string): string =>
  json.replace(/[^\n\x20-\x7e]/gu, (character) =>
    cleanText(character) === character ? character : escapeUnits(character),
  );

const escapeUnits = (character: string): string =>
  [...Array(character.length).keys()]
    .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`)
    .join('');
