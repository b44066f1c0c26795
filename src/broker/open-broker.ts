import type { Config } from '../config/load-config.ts';
import type { Broker } from './broker.ts';
import { checkServer } from './check-server.ts';
import { createKeys } from './keys.ts';
import { openQuickRedis } from './quick-redis.ts';
import { configuredTarget, parseTarget, type RedisTarget } from './target.ts';

export interface BrokerOptions {
  /** `once`: for one short command, fails fast. `lasting`: comes back after Redis was away. */
  connection: 'once' | 'lasting';
  /** Told which Redis is used and why, and what is fit but not safe. */
  onNotice?: ((notice: string) => void) | undefined;
}

/**
 * Finds the Redis that is meant (starting the local one when none is configured), connects, and checks that it is fit.
 * @throws JobQueueError REDIS_UNREACHABLE, REDIS_REFUSED, NO_REDIS, INVALID_CONFIG
 */
export async function openBroker(config: Config, { connection, onNotice }: BrokerOptions): Promise<Broker> {
  const target = configuredTarget(config) ?? (await localTarget(config));
  onNotice?.(
    target.why === 'local'
      ? `Redis: local, in ${target.label} (none is configured)`
      : `Redis: ${target.label} (${target.why})`,
  );
  const redis = connection === 'once' ? await openQuickRedis(target) : await openLasting(target);
  try {
    const { facts, warnings } = await checkServer(redis, target, config.values.redis);
    if (connection === 'lasting') warnings.forEach((warning) => onNotice?.(`warning: ${warning}`));
    return { redis, target, server: facts, keys: createKeys(config.values.redis.prefix), close: () => redis.close() };
  } catch (error) {
    await redis.close();
    throw error;
  }
}

async function localTarget(config: Config): Promise<RedisTarget> {
  const { openLocalRedis } = await import('./local-redis/open-local-redis.ts');
  const local = await openLocalRedis(config.folder, config.env);
  return { ...parseTarget(local.url, 'local'), label: '.jobqueue' };
}

const openLasting = async (target: RedisTarget) => (await import('./lasting-redis.ts')).openLastingRedis(target);
