import { sleep } from '../../../src/lib/clock.ts';
import type { Arena } from '../arena.ts';
import { type Fault, throughout } from '../fault.ts';

const RESUME = { of: 'resume', withinMs: 3000 } as const;

/** What happens to Redis itself. */
export const REDIS_FAULTS: readonly Fault[] = [
  {
    name: 'redis-kill',
    does: 'SIGKILL to Redis under load; it is back after up to 1 s',
    expects: 'jobs run again within 3 s of its return',
    times: { short: 3, normal: 10, long: 20 },
    limitsLines: true,
    recovery: RESUME,
    async inflict(arena, times) {
      await throughout(arena, times, () => restartRedis(arena, arena.random.integer(0, 1000)));
      return [];
    },
  },
  {
    name: 'redis-kill-idle',
    does: 'SIGKILL to Redis while nothing is to do; it is back after 5 s, and jobs come in',
    expects: 'they run within 3 s',
    times: { short: 1, normal: 1, long: 3 },
    limitsLines: true,
    recovery: RESUME,
    async inflict(arena, times) {
      await throughout(arena, times, async () => {
        arena.signalProducer('SIGSTOP');
        await arena.untilSettled(30_000);
        await restartRedis(arena, 5000);
        arena.signalProducer('SIGCONT');
      });
      return [];
    },
  },
  {
    name: 'redis-loading',
    does: 'SIGKILL to Redis, which reads its data for 3 s when it is back',
    expects: 'jobs run again within 3 s of its having read it',
    times: { short: 1, normal: 2, long: 10 },
    limitsLines: true,
    recovery: RESUME,
    async inflict(arena, times) {
      await throughout(arena, times, () =>
        arena.strike(async () => {
          await arena.redis.kill();
          await arena.redis.start({ 'key-load-delay': `${Math.ceil(3_000_000 / arena.redis.countWrites())}` });
        }),
      );
      return [];
    },
  },
  {
    name: 'redis-readonly',
    does: 'Redis is a replica of one that is away, and so takes no writes, for 5 s',
    expects: 'jobs run again within 3 s',
    times: { short: 1, normal: 2, long: 10 },
    limitsLines: true,
    recovery: RESUME,
    async inflict(arena, times) {
      await throughout(arena, times, () =>
        arena.strike(async () => {
          await arena.redis.call('REPLICAOF', '127.0.0.1', 1);
          await sleep(5000);
          await arena.redis.call('REPLICAOF', 'NO', 'ONE');
        }),
      );
      return [];
    },
  },
  {
    name: 'client-kill',
    does: 'CLIENT KILL TYPE normal each second',
    expects: 'no more than the counts',
    times: { short: 3, normal: 5, long: 60 },
    limitsLines: true,
    async inflict(arena, times) {
      await throughout(arena, times, async () => {
        await arena.strike(() => arena.redis.call('CLIENT', 'KILL', 'TYPE', 'normal'));
        await sleep(1000);
      });
      return [];
    },
  },
  {
    name: 'client-pause',
    does: 'CLIENT PAUSE for 8 s',
    expects: 'jobs run again within 3 s of its end; none twice',
    times: { short: 1, normal: 1, long: 5 },
    limitsLines: true,
    recovery: RESUME,
    async inflict(arena, times) {
      await throughout(arena, times, () =>
        arena.strike(async () => {
          await arena.redis.call('CLIENT', 'PAUSE', 8000);
          await sleep(8000);
        }),
      );
      return [];
    },
  },
  {
    name: 'script-flush',
    does: 'SCRIPT FLUSH, again and again',
    expects: 'nothing is noticed: no job runs twice',
    times: { short: 10, normal: 30, long: 300 },
    limitsLines: true,
    async inflict(arena, times) {
      // No strike: it explains no duplicate.
      await throughout(arena, times, () => arena.redis.call('SCRIPT', 'FLUSH'));
      return [];
    },
  },
  {
    name: 'memory-full',
    does: 'maxmemory is reached, and raised again after 5 s',
    expects: 'jobs run again within 3 s',
    times: { short: 1, normal: 2, long: 10 },
    limitsLines: true,
    recovery: RESUME,
    async inflict(arena, times) {
      await throughout(arena, times, () =>
        arena.strike(async () => {
          await arena.redis.call('CONFIG', 'SET', 'maxmemory', 1);
          await sleep(5000);
          await arena.redis.call('CONFIG', 'SET', 'maxmemory', 0);
        }),
      );
      return [];
    },
  },
];

/** Kills Redis and starts it again on the same data. */
export async function restartRedis(arena: Arena, awayMs: number): Promise<void> {
  await arena.strike(async () => {
    await arena.redis.kill();
    await sleep(awayMs);
    await arena.redis.start();
  });
}
