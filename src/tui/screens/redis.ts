import type { RedisFacts } from '../../jobs/redis-facts.ts';
import { renderSize } from '../../lib/size.ts';
import { count, pad } from '../../lib/text.ts';
import { age, amount, type Cell, percent, rate } from '../cells.ts';
import type { Tone } from '../paint.ts';
import { defineScreen } from './screen.ts';

const LABELS = 14;
/** From so much of its memory on, it is about to refuse jobs. */
const NEARLY_FULL = 0.9;

/** How the Redis that is looked at is doing. */
export const redisScreen = defineScreen<never, 'redis'>({
  id: 'redis',
  title: 'Redis',
  isText: true,
  firstSort: () => ({ column: '', descending: false }),
  columns: () => [],
  badge: () => 0,
  summary: ({ page }) => [
    { text: 'Redis', tone: 'strong' },
    ...(page?.redis && page.redis.length > 1 ? [`${page.redis.length} servers`] : []),
  ],
  identity: () => '',
  flag: () => '',
  empty: () => '',
});

/** What its servers say of themselves, one after another. */
export const redisText = (servers: readonly RedisFacts[]): Cell[] =>
  servers.flatMap((server, index) => [...(index === 0 ? [] : ['']), ...factsOf(server)]);

function factsOf(facts: RedisFacts): Cell[] {
  const { usedBytes, peakBytes, maxBytes, evictionPolicy, hitRate, blockedClients } = facts;
  const line = (label: string, value: string, tone?: Tone): Cell => {
    const text = `${pad(label, LABELS)}${value}`;
    return tone ? { text, tone } : text;
  };
  const isFull = maxBytes > 0 && usedBytes >= NEARLY_FULL * maxBytes;
  return [
    line('version', `${facts.version}  ${facts.mode}  ${facts.role}, ${count(facts.replicas, 'replica')}`),
    line('up', age(facts.upMs)),
    line(
      'memory',
      `${renderSize(usedBytes)} of ${maxBytes === 0 ? 'no limit' : renderSize(maxBytes)}  at most ${renderSize(peakBytes)} so far`,
      isFull ? 'alarm' : undefined,
    ),
    line('fragmentation', facts.fragmentation.toFixed(2)),
    line(
      'eviction',
      `${evictionPolicy}  ${amount(facts.evictedKeys)} keys evicted`,
      evictionPolicy === 'noeviction' && facts.evictedKeys === 0 ? undefined : 'alarm',
    ),
    line(
      'on disk',
      `${facts.appendOnly ? 'append-only file' : 'no append-only file: a crash can lose jobs'}${facts.isSaved ? '' : '  the last write failed'}`,
      !facts.isSaved ? 'alarm' : facts.appendOnly ? undefined : 'warning',
    ),
    line('clients', `${amount(facts.clients)}  ${amount(blockedClients)} wait for jobs`),
    line('commands', `${rate(facts.commandsPerSecond)}/s`),
    line('hits', hitRate === null ? '–' : `${percent(hitRate)}% of the keys asked for were there`),
  ];
}
