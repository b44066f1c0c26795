import { afterAll, afterEach } from 'vitest';
import { openQuickRedis } from '../../src/broker/quick-redis.ts';
import type { Redis } from '../../src/broker/redis.ts';
import { parseTarget } from '../../src/broker/target.ts';
import { startRedis, type TestRedis } from './redis.ts';

/** A Redis for all tests of a file, which is empty when each begins, and a connection to look into it. */
export async function useRedis(): Promise<{ server: TestRedis; redis: Redis }> {
  const server = await startRedis();
  const redis = await openQuickRedis(parseTarget(server.url, 'test'));
  afterEach(() => redis.call('FLUSHALL'));
  afterAll(async () => {
    await redis.close();
    await server.stop();
  });
  return { server, redis };
}
