import type { Config } from '../config/load-config.ts';
import { renderApproximateDuration } from '../lib/duration.ts';
import type { Broker } from './broker.ts';
import { checkServer } from './check-server.ts';
import { configuredTarget } from './configured-target.ts';
import { createKeys } from './keys.ts';
import type { LocalRedis } from './local-redis/open-local-redis.ts';
import { openQuickRedis } from './quick-redis.ts';
import type { Redis } from './redis.ts';
import { createRedisClock } from './redis-clock.ts';
import { parseTarget, type RedisTarget } from './target.ts';

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
  const configured = configuredTarget(config);
  const local = configured ? undefined : await openLocal(config);
  const target = configured ?? { ...parseTarget(local!.url, 'local'), label: '.jobqueue' };
  onNotice?.(
    target.why === 'local'
      ? `Redis: local, in ${target.label} (none is configured)`
      : `Redis: ${target.label} (${target.why})`,
  );
  const redis = await (
    connection === 'once' && isOne(target) ? openQuickRedis(target) : openLasting(target, local)
  ).catch((error) => {
    local?.release();
    throw error;
  });
  const warn = (warning: string): void => void (connection === 'lasting' && onNotice?.(`warning: ${warning}`));
  const clock = createRedisClock(redis, (aheadMs) => warn(renderDeviation(aheadMs)));
  const close = async (): Promise<void> => {
    clock.stop();
    await redis.close();
    local?.release();
  };
  try {
    // Both are asked in the same round trip.
    const [, { facts, warnings }] = await Promise.all([clock.start(), checkServer(redis, target, config.values.redis)]);
    warnings.forEach(warn);
    return {
      redis,
      target,
      clock,
      server: facts,
      keys: createKeys(config.values.redis.prefix, target.cluster !== undefined),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What finds its way among several servers is the business of ioredis. */
const isOne = ({ sentinel, cluster }: RedisTarget): boolean => sentinel === undefined && cluster === undefined;

const renderDeviation = (aheadMs: number): string =>
  `the clock of this machine is ${renderApproximateDuration(Math.abs(aheadMs))} ${aheadMs > 0 ? 'ahead of' : 'behind'} that of Redis, which jobs go by`;

async function openLocal({ folder, env }: Config): Promise<LocalRedis> {
  const { openLocalRedis } = await import('./local-redis/open-local-redis.ts');
  return openLocalRedis(folder, env);
}

async function openLasting(target: RedisTarget, local: LocalRedis | undefined): Promise<Redis> {
  const { openLastingRedis } = await import('./lasting-redis.ts');
  // Whoever ended the local Redis, somebody has to start it again; that it cannot be started shows in the next call.
  return openLastingRedis(target, { onLost: () => void local?.ensure().catch(() => {}) });
}
