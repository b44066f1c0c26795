import { sha256Url } from '../lib/digest.ts';

/** Longer messages differ in what comes late in them: a response, a document. */
const LONGEST = 200;

/**
 * What of a message differs from job to job, and what stands for it, in this order. Each begins where a word does, so
 * that no text makes them look twice at the same characters.
 */
const FOLDS: readonly (readonly [RegExp, string])[] = [
  [/(?<![\w+.-])[a-z][a-z0-9+.-]*:\/\/[^\s"'<>)\]]+/gi, '<url>'],
  [/(?<![\w.+-])[\w.+-]+@[\w-]+(\.[\w-]+)+/g, '<email>'],
  [/\b\d{1,3}(\.\d{1,3}){3}(:\d+)?\b/g, '<address>'],
  [/(?<![\w:])\[?([0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}\]?(:\d+)?(?![\w:])/gi, '<address>'],
  // A long word in which digits and letters mix is nobody's word: a UUID, a hash, a job.
  [/(?<![\w-])(?=[a-z_-]*\d)(?=[\d_-]*[a-z])[\w-]{8,}/gi, '<id>'],
  [/-?\b\d+([.,]\d+)*/g, '<n>'],
];

/** A message with its numbers, ids and addresses folded: `Timeout after <n> ms at <url>`. Only its first line counts. */
export function foldMessage(message: string): string {
  const [line = ''] = message.slice(0, 2 * LONGEST).split('\n', 1);
  return FOLDS.reduce((text, [pattern, word]) => text.replace(pattern, word), line).slice(0, LONGEST);
}

/** Equal for errors of one type of job whose folded messages are equal: 16 characters. */
export const errorFingerprint = (type: string, folded: string): string => sha256Url(`${type}\0${folded}`).slice(0, 16);
