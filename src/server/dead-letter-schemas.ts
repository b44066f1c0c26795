import { page } from './job-schemas.ts';
import { described, integer, list, object, queueName, type Schema, text, timeAgo } from './schema.ts';
import { RATE_EXPECTED } from '../lib/rate.ts';

/** What chooses dead letters; all that are given must fit. */
const FILTER = {
  queue: queueName,
  type: text('a type', 200),
  error: described(text('a text of at most 200 characters', 200), 'Part of the message, in any case'),
  since: described(timeAgo, 'Those that died since then'),
  until: described(timeAgo, 'Those that had died by then'),
  where: described(text('a filter of at most 1000 characters', 1000), 'Those that fit: `payload.userId:7 attempts:>3`'),
};

export const deadLetterQuery = object('a query string', {
  ...FILTER,
  limit: page.limit,
  // Each page is made anew from the first one on.
  offset: described(integer(0, 9500), 'Leave out so many first'),
});

export const deadLetterGroupsQuery = object('a query string', { ...FILTER, limit: page.limit });

const flag: Schema<boolean> = { title: 'true or false', type: 'boolean' };
const rate: Schema<string> = { title: RATE_EXPECTED, type: 'string', format: 'jq-rate' };
const ids = list('a list of 1 to 1000 ids', text('the id of a job', 255), { min: 1, max: 1000 });

export const replayBody = object('a JSON object such as {"type": "send-email"}', {
  ids,
  all: described(flag, 'All of them, however many'),
  ...FILTER,
  limit: described(integer(1), 'At most so many, the oldest first'),
  rate: described(rate, 'No faster than this'),
  dryRun: described(flag, 'Only count'),
});
