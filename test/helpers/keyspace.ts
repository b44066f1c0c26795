import type { Redis, Reply } from '../../src/broker/redis.ts';
import { toObject } from '../../src/broker/redis.ts';

const READ: Record<string, (key: string) => [string, ...(string | number)[]]> = {
  string: (key) => ['GET', key],
  list: (key) => ['LRANGE', key, 0, -1],
  set: (key) => ['SMEMBERS', key],
  zset: (key) => ['ZRANGE', key, 0, -1, 'WITHSCORES'],
  hash: (key) => ['HGETALL', key],
  stream: (key) => ['XRANGE', key, '-', '+'],
};

/** Every key that fits `pattern`, with all that is in it: what a call that must change nothing is compared by. */
export async function readKeyspace(redis: Redis, pattern = '*'): Promise<Record<string, unknown>> {
  const keys = ((await redis.call('KEYS', pattern)) as string[]).toSorted();
  const values: Record<string, unknown> = {};
  for (const key of keys) {
    const type = (await redis.call('TYPE', key)) as string;
    values[key] = tidy(type, await redis.call(...READ[type]!(key)));
  }
  return values;
}

function tidy(type: string, reply: Reply): unknown {
  if (type === 'hash') return { ...toObject(reply) };
  if (type === 'set') return (reply as string[]).toSorted();
  // The ids of events are times.
  return type === 'stream' ? (reply as [string, string[]][]).map(([, fields]) => ({ ...toObject(fields) })) : reply;
}
