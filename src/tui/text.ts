import type { JobDetail } from '../jobs/job.ts';
import type { Cell } from './cells.ts';
import { jobText } from './screens/job-text.ts';
import { pageOf, type State } from './state.ts';

// It is asked for with every key, and a payload may be large.
const made = new WeakMap<JobDetail, { wish: string; lines: readonly Cell[] }>();

/** The lines of a place that is a text; none while it is being read. */
export function textOfPlace(state: State): readonly Cell[] {
  const { place, size, unmasked, unfolded } = state;
  const page = pageOf(state);
  if (place.screen !== 'job' || !page?.job) return [];
  const wish = { tab: place.tab, width: Math.max(1, size.columns - 2), unmasked, unfolded, at: page.at };
  const key = JSON.stringify(wish);
  const known = made.get(page.job);
  if (known?.wish === key) return known.lines;
  const lines = jobText(page.job, wish);
  made.set(page.job, { wish: key, lines });
  return lines;
}
