import { JobQueueError } from '../errors.ts';
import { now } from '../lib/clock.ts';
import type { Broker } from './broker.ts';
import { type Reply, unwrap } from './redis.ts';

const SEARCH_EVERY_S = 60;

/** Queues that a program of ours has used, or that {@link findQueues} has found before. */
export async function knownQueues({ redis, keys }: Broker): Promise<string[]> {
  return ((await redis.call('SMEMBERS', keys.queues)) as string[]).toSorted();
}

/**
 * Every BullMQ queue of this Redis, also those of other programs: found by their `meta` hash.
 * The search walks over all keys, so its result is kept and it is repeated once a minute at most.
 */
export async function findQueues(broker: Broker): Promise<string[]> {
  const { redis, keys } = broker;
  try {
    const isDue = (await redis.call('SET', keys.queuesSearched, now(), 'EX', SEARCH_EVERY_S, 'NX')) !== null;
    if (isDue) await registerQueues(broker, await searchQueues(broker));
  } catch (error) {
    // A Redis that takes no writes can still be looked at.
    if (!(error instanceof JobQueueError && error.code === 'REDIS_REFUSED')) throw error;
  }
  return knownQueues(broker);
}

async function searchQueues({ redis, keys }: Broker): Promise<string[]> {
  const [before, after] = [`${keys.prefix}:`, ':meta'];
  const pattern = `${before.replace(/[*?[\]\\]/g, '\\$&')}*${after}`;
  const found = new Set<string>();
  let cursor = '0';
  do {
    const [next, names] = (await redis.call('SCAN', cursor, 'MATCH', pattern, 'COUNT', 1000)) as [string, string[]];
    for (const name of names) {
      const queue = name.slice(before.length, -after.length);
      // A job id may be anything but may not hold a colon, so `bull:mail:meta:…` is no queue.
      if (queue !== '' && !queue.includes(':')) found.add(queue);
    }
    cursor = next;
  } while (cursor !== '0');
  return [...found];
}

/** Adds names to the known queues. */
export async function registerQueues({ redis, keys }: Broker, queues: readonly string[]): Promise<void> {
  if (queues.length > 0) unwrap<Reply>(await redis.call('SADD', keys.queues, ...queues));
}
