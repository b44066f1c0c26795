import { parseFilter } from '../../jobs/filter/parse.ts';
import { createFilter, joinFilters, type Term } from '../../jobs/filter/filter.ts';
import { renderFilter } from '../../jobs/filter/render.ts';
import type { JobState } from '../../jobs/job.ts';
import type { PlaceOf } from '../places.ts';

/** All jobs of a place that fit a text in the filter language, in that language. @throws JobQueueError USAGE */
export function filterOfJobs({ queue, state }: PlaceOf<'jobs'>, text: string): string {
  const place = createFilter([
    ...(state === 'all' ? [] : [termOf('state', [state])]),
    ...(queue === undefined ? [] : [termOf('queue', [queue])]),
  ]);
  return renderFilter(joinFilters(place, parseFilter(text)));
}

/** The jobs of some queues that are in some states, or in any, in the same language. */
export const jobsOfQueues = (queues: readonly string[], states: readonly JobState[]): string =>
  renderFilter(createFilter([termOf('queue', queues), ...(states.length === 0 ? [] : [termOf('state', states)])]));

const termOf = (field: 'state' | 'queue', texts: readonly string[]): Term => ({
  field,
  path: [],
  negated: false,
  values: texts.map((text) => ({ kind: 'text', text })),
});
