import type { JobDetail } from '../jobs/job.ts';
import { type Cell, textOf } from './cells.ts';
import { jobText, wrapCell } from './screens/job-text.ts';
import { redisText } from './screens/redis.ts';
import { typeText } from './screens/type-text.ts';
import { pageOf, type State } from './state.ts';

// It is asked for with every key, and a payload may be large.
const made = new WeakMap<JobDetail, { wish: string; lines: readonly Cell[] }>();

/** The lines of a place that is a text; none while it is being read. */
export function textOfPlace(state: State): readonly Cell[] {
  const { place, size, unmasked, unfolded } = state;
  const page = pageOf(state);
  const width = Math.max(1, size.columns - 2);
  if (place.screen === 'redis') return redisText(page?.redis ?? []).flatMap((line) => wrapCell(line, width));
  if (place.screen === 'type')
    return page?.hour ? typeText(page.hour, place, width).flatMap((line) => wrapCell(line, width)) : [];
  if (place.screen !== 'job' || !page?.job) return [];
  const wish = { tab: place.tab, width, unmasked, unfolded, at: page.at };
  const key = JSON.stringify(wish);
  const known = made.get(page.job);
  if (known?.wish === key) return known.lines;
  const lines = jobText(page.job, wish);
  made.set(page.job, { wish: key, lines });
  return lines;
}

/** The same as one text, in which no line is broken to fit. */
export const wholeText = (state: State): string =>
  textOfPlace({ ...state, size: { ...state.size, columns: Number.MAX_SAFE_INTEGER } })
    .map(textOf)
    .join('\n');
