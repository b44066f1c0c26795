import { RE2JS, RE2JSException } from 're2js';
import type { Value } from './filter.ts';

/** What a pattern looks at of a text: time is in proportion to it, whatever the pattern and whoever wrote the text. */
const LOOKED_AT = 16_384;

export type Test = (text: string) => boolean;

/**
 * A test for texts, by an engine that goes over a text once: the text of a job may be an attack on V8's, which goes back
 * and forth over `(a+)+$` for ever.
 * @throws Error saying what is wrong with the pattern
 */
export function compilePattern({ source, anyCase }: Extract<Value, { kind: 'pattern' }>): Test {
  try {
    const pattern = RE2JS.compile(source, RE2JS.DOTALL | (anyCase ? RE2JS.CASE_INSENSITIVE : 0));
    return (text) => pattern.test(text.slice(0, LOOKED_AT));
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    throw new Error(error.message.replace(/^error parsing regexp: /, ''), { cause: error });
  }
}

/** A test for whole texts. Between two stars stands a text that is looked for once: no going back and forth either. */
export function compileGlob(glob: string): Test {
  const parts = glob.split('*');
  const [first = '', last = ''] = [parts[0], parts.at(-1)];
  if (parts.length === 1) return (text) => text.length === glob.length && standsAt(text, first, 0);
  return (text) => {
    const end = text.length - last.length;
    if (end < first.length || !standsAt(text, first, 0) || !standsAt(text, last, end)) return false;
    let at = first.length;
    for (const part of parts.slice(1, -1)) {
      while (at + part.length <= end && !standsAt(text, part, at)) at += 1;
      at += part.length;
      if (at > end) return false;
    }
    return true;
  };
}

function standsAt(text: string, part: string, at: number): boolean {
  for (let index = 0; index < part.length; index += 1) {
    if (part[index] !== '?' && part[index] !== text[at + index]) return false;
  }
  return true;
}
