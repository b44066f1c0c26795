import type { Keys } from './keys.ts';
import type { Redis } from './redis.ts';
import type { RedisClock } from './redis-clock.ts';
import type { ServerFacts } from './check-server.ts';
import type { RedisTarget } from './target.ts';

/** An open, checked connection to one Redis, and the names of its keys. */
export interface Broker {
  readonly redis: Redis;
  readonly keys: Keys;
  readonly target: RedisTarget;
  /** The time that everything stored here goes by. */
  readonly clock: RedisClock;
  /** What the server said of itself when it was checked. */
  readonly server: ServerFacts;
  close(): Promise<void>;
}
