import type { Broker } from '../../src/broker/broker.ts';
import { createKeys } from '../../src/broker/keys.ts';
import { openLastingRedis } from '../../src/broker/lasting-redis.ts';
import { createRedisClock } from '../../src/broker/redis-clock.ts';
import { parseTarget } from '../../src/broker/target.ts';
import type { TestRedis } from './redis.ts';

/** A broker on a Redis of the test, without a project and its configuration. The test closes it. */
export async function openTestBroker({ url }: TestRedis): Promise<Broker> {
  const target = parseTarget(url, 'test');
  const redis = await openLastingRedis(target);
  const clock = createRedisClock(redis);
  await clock.start();
  const server = { version: '7.0', evictionPolicy: 'noeviction', appendOnly: true };
  const close = async (): Promise<void> => {
    clock.stop();
    await redis.close();
  };
  return { redis, target, keys: createKeys('bull'), clock, server, close };
}
