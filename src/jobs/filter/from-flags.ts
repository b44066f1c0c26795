import { JobQueueError } from '../../errors.ts';
import { createFilter, type Filter, joinFilters, type Term } from './filter.ts';
import { parseFilter, parseTerm } from './parse.ts';
import { FLAG_FIELDS, type FlagField } from './render.ts';

/** What flags say of jobs. A time may have been read already: epoch ms. */
export type FilterFlags = { [Name in FlagField]?: string | number | undefined } & { where?: string | undefined };

/** The filter that flags make: all of them must fit. @throws JobQueueError USAGE naming the flag */
export function filterOf(flags: FilterFlags): Filter {
  const terms = FLAG_FIELDS.flatMap((field) => {
    const value = flags[field];
    return value === undefined ? [] : named(`--${field}`, () => termOf(field, value));
  });
  const where = flags.where === undefined ? createFilter([]) : named('--where', () => parseFilter(flags.where!));
  return joinFilters(createFilter(terms), where);
}

const termOf = (field: FlagField, value: string | number): Term =>
  typeof value === 'number'
    ? { field, path: [], negated: false, values: [{ kind: 'time', ms: value }] }
    : parseTerm(field, value);

function named<Result>(flag: string, parse: () => Result): Result {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof JobQueueError)) throw error;
    const { code, hint, details, message } = error;
    throw new JobQueueError(code, message.replace('In the filter', `In ${flag}`), { hint, details, cause: error });
  }
}
