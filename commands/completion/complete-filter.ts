import { type Field, FIELD_NAMES, FIELDS } from '../../src/jobs/filter/fields.ts';
import type { Candidate } from './complete-words.ts';

/** What the last term of a filter can be completed to: names of fields, and after one of them its words. */
export function completeFilter(filter: string): Candidate[] {
  const term = /\S*$/.exec(filter)![0];
  const before = filter.slice(0, filter.length - term.length);
  const [, negation = '', name = ''] = /^(!?)(.*)$/s.exec(term) ?? [];
  const candidates = FIELD_NAMES.flatMap((field): Candidate[] => {
    const { about, words = [] }: Field = FIELDS[field];
    return name.startsWith(`${field}:`)
      ? words.map((word) => ({ word: `${field}:${word}`, description: about }))
      : [{ word: `${field}:`, description: about }];
  });
  return candidates
    .filter(({ word }) => word.startsWith(name))
    .map(({ word, description }) => ({ word: before + negation + word, description }));
}
