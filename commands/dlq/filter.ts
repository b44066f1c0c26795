import { JobQueueError } from '../../src/errors.ts';
import type { DeadLetterFilter } from '../../src/jobs/dead-letters.ts';
import { isoTime } from '../../src/lib/time.ts';
import type { Argument, Flag, FlagValues } from '../framework/define-command.ts';
import { fingerprint, time } from '../framework/flag-kinds.ts';
import { quoteWord } from '../framework/quote-word.ts';
import { WHERE_FLAG } from '../jobs/filter-flags.ts';
import { QUEUE_FLAG } from '../jobs/one-job.ts';

/** The flags that choose dead letters. All that are given must fit. */
export const FILTER_FLAGS = {
  queue: { ...QUEUE_FLAG.queue, description: 'Those of this queue' },
  type: { value: 'type', description: 'Those of this type', complete: 'types' },
  error: { value: 'text', description: 'Those whose error holds this text, in any case' },
  group: { value: 'fingerprint', kind: fingerprint, description: 'Those of this group: see jq dlq groups' },
  since: { value: 'time', kind: time('ago'), description: 'Those that died since then: 2h, 2030-01-31T09:00:00Z' },
  until: { value: 'time', kind: time('ago'), description: 'Those that had died by then' },
  where: WHERE_FLAG.where,
} as const satisfies Record<string, Flag>;

/** The words and flags with which a bulk command says what it is for. */
export const SELECTOR_ARGUMENTS = {
  ids: { label: 'ID', description: 'The ids of dead letters', variadic: true },
} as const satisfies Record<string, Argument>;
export const SELECTOR_FLAGS = {
  all: { description: 'All of them, however many' },
  ...FILTER_FLAGS,
} as const satisfies Record<string, Flag>;

type Selection = FlagValues<typeof SELECTOR_FLAGS>;

/**
 * The filter that ids and flags make.
 * @throws JobQueueError USAGE when nothing is chosen: that never means "all"
 */
export function selectorOf(
  ids: readonly string[],
  { all, queue, type, error, group, since, until, where }: Selection,
): DeadLetterFilter {
  const filter = { queue, type, error, group, since, until, where };
  const chosen = Object.values(filter).some((value) => value !== undefined);
  if (ids.length === 0 && !all && !chosen) {
    throw new JobQueueError('USAGE', 'Expected ids, --all, or a filter: nothing was chosen', {
      hint: 'Filters: --queue, --type, --error, --group, --since, --until, --where. See what there is with: jq dlq list',
    });
  }
  if (ids.length > 0 && all) throw new JobQueueError('USAGE', 'Expected ids or --all, got both');
  return ids.length > 0 ? { ...filter, ids } : filter;
}

/** The command line that does this, e.g. `jq dlq replay --queue mail`. Of `more`, a flag with an empty value is a switch. */
export function renderSelector(
  command: string,
  filter: DeadLetterFilter,
  more: Record<string, string | readonly string[] | undefined> = {},
): string {
  const { ids = [], since, until, ...rest } = filter;
  const flags = {
    ...rest,
    since: since === undefined ? undefined : isoTime(since),
    until: until === undefined ? undefined : isoTime(until),
  };
  const words = Object.entries({ ...flags, ...more }).flatMap(([name, value]) =>
    value === undefined
      ? []
      : [value].flat().flatMap((each) => (each === '' ? [`--${name}`] : [`--${name}`, quoteWord(each)])),
  );
  const chosen = ids.length > 0 || Object.values(flags).some((value) => value !== undefined);
  return [`jq ${command}`, ...ids.map(quoteWord), ...(chosen ? [] : ['--all']), ...words].join(' ');
}
