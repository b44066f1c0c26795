import { sleep } from '../../../src/lib/clock.ts';
import { SentinelFleet } from '../../helpers/sentinel.ts';
import type { Arena } from '../arena.ts';
import { type Fault, throughout } from '../fault.ts';

const openFleet = (folder: string): SentinelFleet => new SentinelFleet(folder);
const TWO_COPIES = { JQ_REDIS_MIN_REPLICAS: '1' };
const TIMES = { short: 1, normal: 3, long: 20 } as const;
const CUT_OFF_MS = 1000;

/** What happens to a master with a replica and three Sentinels. */
export const SENTINEL_FAULTS: readonly Fault[] = [
  {
    name: 'sentinel-failover',
    does: 'SIGKILL to the master under load, which the Sentinels replace; it comes back as a replica. A job is acknowledged with two copies',
    expects: 'nobody is started anew; jobs run again within 3 s of the new master',
    times: TIMES,
    openFleet,
    env: TWO_COPIES,
    limitsLines: true,
    mayForget: true,
    recovery: { of: 'resume', withinMs: 3000 },
    inflict: (arena, times) => failOver(arena, times),
  },
  {
    name: 'sentinel-hang',
    does: 'SIGSTOP to the master until the Sentinels have replaced it, then SIGCONT: it takes itself for the master until they tell it. Two copies',
    expects:
      'what is silent for 15 s is given up: jobs run again within 20 s. What it takes until then is not acknowledged',
    times: TIMES,
    openFleet,
    env: TWO_COPIES,
    limitsLines: true,
    mayForget: true,
    recovery: { of: 'resume', withinMs: 20_000 },
    inflict: (arena, times) => failOver(arena, times, { how: 'SIGSTOP' }),
  },
  {
    name: 'sentinel-stale',
    does: 'the same 1 s after the replica was cut off, so that it knows nothing of that second',
    expects: 'no job that was acknowledged is lost: in that second none was',
    times: TIMES,
    openFleet,
    env: TWO_COPIES,
    limitsLines: true,
    mayForget: true,
    inflict: (arena, times) => failOver(arena, times, { cutOffMs: CUT_OFF_MS }),
  },
  {
    name: 'sentinel-stale-one-copy',
    does: 'the same with jobs that are acknowledged when the master alone has them',
    expects: 'what was acknowledged in that second is lost, and counted',
    times: TIMES,
    openFleet,
    limitsLines: true,
    mayForget: true,
    mayLose: true,
    inflict: (arena, times) => failOver(arena, times, { cutOffMs: CUT_OFF_MS }),
  },
];

async function failOver(
  arena: Arena,
  times: number,
  { cutOffMs = 0, how = 'SIGKILL' }: { cutOffMs?: number; how?: 'SIGKILL' | 'SIGSTOP' } = {},
): Promise<string[]> {
  const fleet = arena.fleet as SentinelFleet;
  await throughout(arena, times, async () => {
    await arena.strike(async () => {
      if (cutOffMs > 0) await fleet.cutReplica();
      await sleep(cutOffMs);
      await fleet.failOver(how);
    });
    await fleet.mend();
  });
  return [];
}
