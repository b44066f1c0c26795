import { sha1Hex } from '../lib/digest.ts';

/** Longer messages differ in what comes late in them: a response, a document. */
const LONGEST = 200;

/**
 * What of a message differs from job to job, and what stands for it, in this order. Each begins where a word does, so
 * that no text makes them look twice at the same characters.
 */
const FOLDS: readonly (readonly [RegExp, string])[] = [
  [/(?<![\w+.-])[a-z][a-z0-9+.-]{0,30}:\/\/[^\s"'`<>)\]]+/gi, '<url>'],
  [/(?<![\w.+-])[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+/g, '<email>'],
  // An apostrophe within a word opens nothing.
  [/(?<!\w)(["'`])(?!\s)[^"'`]{1,200}\1(?!\w)/g, '<text>'],
  [/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g, '<address>'],
  [/(?<![\w:])\[?(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}\]?(?::\d+)?(?![\w:])/gi, '<address>'],
  // A long word in which digits and letters mix is nobody's word: a UUID, a hash, a job.
  [/(?<![\w-])(?=[a-z_-]*\d)(?=[\d_-]*[a-z])[\w-]{8,}/gi, '<id>'],
  [/-?\b\d+(?:[.,]\d+)*/g, '<n>'],
];

/**
 * A message with its numbers, ids, addresses and quoted texts folded: `Timeout after <n> ms at <url>`. Only its first
 * line counts.
 */
export function foldMessage(message: string): string {
  const [line = ''] = message.slice(0, 2 * LONGEST).split('\n', 1);
  return FOLDS.reduce((text, [pattern, word]) => text.replace(pattern, word), line).slice(0, LONGEST);
}

/** What tells errors of one kind from others. `errorName` is '' where it is not known. */
export interface ErrorFacts {
  type: string;
  errorName: string;
  error: string;
}

/** What all errors of one kind have in common, and nothing else. */
export const errorKey = ({ type, errorName, error }: ErrorFacts): string =>
  [type, errorName, foldMessage(error)].join('\0');

/** The same as 12 hexadecimal digits, for people to name it by. */
export const errorFingerprint = (facts: ErrorFacts): string => fingerprintOfKey(errorKey(facts));

export const fingerprintOfKey = (key: string): string => sha1Hex(key).slice(0, 12);
