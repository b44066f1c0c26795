import { parseFilter } from '../../jobs/filter/parse.ts';
import { createFilter, joinFilters } from '../../jobs/filter/filter.ts';
import { renderFilter } from '../../jobs/filter/render.ts';
import type { PlaceOf } from '../places.ts';

/** All jobs of a place that fit a text in the filter language, in that language. @throws JobQueueError USAGE */
export function filterOfJobs({ queue, state }: PlaceOf<'jobs'>, text: string): string {
  const values = (value: string) => [{ kind: 'text', text: value } as const];
  const place = createFilter([
    { field: 'state', path: [], negated: false, values: values(state) },
    ...(queue === undefined ? [] : [{ field: 'queue', path: [], negated: false, values: values(queue) } as const]),
  ]);
  return renderFilter(joinFilters(place, parseFilter(text)));
}
