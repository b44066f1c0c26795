import { JobQueueError } from '../../errors.ts';
import type { DeadLetterFilter } from '../../jobs/dead-letters.ts';
import type { Term } from '../../jobs/filter/filter.ts';
import { parseFilter } from '../../jobs/filter/parse.ts';

/**
 * The letters of a group that fit a text in the filter language, of which it takes what dead letters are chosen by.
 * @throws JobQueueError USAGE
 */
export function letterFilterOf({ group, queue }: { group: string; queue?: string }, text: string): DeadLetterFilter {
  const filter: DeadLetterFilter = { group, ...(queue === undefined ? {} : { queue }) };
  for (const term of parseFilter(text).terms) Object.assign(filter, fieldOf(term));
  return filter;
}

function fieldOf({ field, negated, values: [value, ...others] }: Term): DeadLetterFilter {
  const isPlain = !negated && others.length === 0;
  if (isPlain && value?.kind === 'text') {
    if (field === 'text' || field === 'error') return { error: value.text };
    if (field === 'queue') return { queue: value.text };
  }
  if (isPlain && value?.kind === 'time' && (field === 'since' || field === 'until')) return { [field]: value.ms };
  throw new JobQueueError('USAGE', 'Within a group: a text, error:, queue:, since: and until:, each once', {
    hint: 'Press l for all dead letters, which take the whole language',
  });
}
