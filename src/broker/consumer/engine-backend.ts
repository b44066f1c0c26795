import { type BackendFactory, type ConnectionOptions, createRedisBackend, type RedisQueueBackend } from 'bullmq';
import type { RedisClock } from '../redis-clock.ts';
import { keepTryingToEnd, noticeRefusals } from './keep-trying.ts';
import { useRedisClock } from './use-redis-clock.ts';

export interface EngineBackendOptions {
  clock: Pick<RedisClock, 'now'>;
  /** Told of each job whose end Redis has refused for good. */
  onRefused(id: string): void;
}

/**
 * BullMQ's way to Redis, changed in two respects. The time is that of Redis, so that a local clock that is wrong or steps
 * starts no delayed job early. And how an attempt ended is sent until Redis takes it.
 */
export function createEngineBackend({
  clock,
  onRefused,
}: EngineBackendOptions): BackendFactory<RedisQueueBackend, ConnectionOptions> {
  return (name, engineOptions, how) => {
    const backend = createRedisBackend(name, engineOptions, how);
    useRedisClock(backend, clock);
    keepTryingToEnd(backend);
    noticeRefusals(backend, onRefused);
    return backend;
  };
}
