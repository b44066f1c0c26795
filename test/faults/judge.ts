import type { Counts } from './count.ts';
import type { Fault } from './fault.ts';

/** What must be none, and what it means when it is some. */
const NONE = {
  lost: 'lost',
  unfinished: 'not ended',
  unexpected: 'unexpected',
  unexplained: 'started more often than faults explain',
  phantomDead: 'dead without having used up their attempts',
  overlap: 'ran twice at the same time',
  charged: 'attempts used that no handler had failed',
  wrongEffects: 'with an effect that was not recorded exactly once',
  misplaced: 'in no set, in several, or twice',
} as const satisfies Partial<Record<keyof Counts, string>>;

const NAMED = 5;

/** What does not hold, in words, with some of the keys. */
export function judgeCounts(counts: Counts, { mayOverlap }: Pick<Fault, 'mayOverlap'>): string[] {
  return (Object.entries(NONE) as [keyof typeof NONE, string][]).flatMap(([name, meaning]) => {
    const keys = counts[name];
    if (keys.length === 0 || (name === 'overlap' && mayOverlap)) return [];
    return `${keys.length} ${meaning}: ${keys.slice(0, NAMED).join(', ')}${keys.length > NAMED ? ', …' : ''}`;
  });
}

export function judgeRecovery(recoveryMs: number, { withinMs }: NonNullable<Fault['recovery']>): string[] {
  return recoveryMs > withinMs ? [`recovered after ${recoveryMs} ms, expected within ${withinMs} ms`] : [];
}
