import type { Counts } from './count.ts';
import type { Fault } from './fault.ts';

/** What must be none, and what it means when it is some. */
const NONE = {
  lost: 'lost',
  unfinished: 'not ended',
  unexpected: 'unexpected',
  early: 'started before they were due',
  unexplained: 'started more often than faults explain',
  phantomDead: 'dead without having used up their attempts',
  overlap: 'ran twice at the same time',
  charged: 'attempts used that no handler had failed',
  wrongEffects: 'with an effect that was not recorded exactly once',
  misplaced: 'in no set, in several, or twice',
} as const satisfies Partial<Record<keyof Counts, string>>;

const NAMED = 5;
/** A worker that repeats itself more often fills disks, and hides what it has to say. */
const MOST_LINES = 10;

/** What does not hold, in words, with some of the keys. */
export function judgeCounts(
  counts: Counts,
  { mayOverlap, limitsLines, mayForget, mayLose }: Pick<Fault, 'mayOverlap' | 'limitsLines' | 'mayForget' | 'mayLose'>,
): string[] {
  const allowed = new Set<keyof Counts>([
    ...(mayOverlap ? (['overlap'] as const) : []),
    ...(mayForget ? (['overlap', 'wrongEffects', 'unexplained'] as const) : []),
    ...(mayLose ? (['lost', 'misplaced'] as const) : []),
  ]);
  const isNoisy = limitsLines && counts.troubles > MOST_LINES;
  const wrong = (Object.entries(NONE) as [keyof typeof NONE, string][]).flatMap(([name, meaning]) => {
    const keys = counts[name];
    if (keys.length === 0 || allowed.has(name)) return [];
    return `${keys.length} ${meaning}: ${keys.slice(0, NAMED).join(', ')}${keys.length > NAMED ? ', …' : ''}`;
  });
  return isNoisy
    ? [...wrong, `${counts.troubles} errors and warnings of a worker in a second, expected at most ${MOST_LINES}`]
    : wrong;
}

export function judgeRecovery(recoveryMs: number, { withinMs }: NonNullable<Fault['recovery']>): string[] {
  return recoveryMs > withinMs ? [`recovered after ${recoveryMs} ms, expected within ${withinMs} ms`] : [];
}
