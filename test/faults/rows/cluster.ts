import { createKeys } from '../../../src/broker/keys.ts';
import { sleep } from '../../../src/lib/clock.ts';
import { ClusterFleet } from '../../helpers/cluster.ts';
import type { RedisNode } from '../../helpers/redis-node.ts';
import type { Arena } from '../arena.ts';
import { type Fault, throughout } from '../fault.ts';

/** All of the jobs' keys are where this one is. */
const KEY = createKeys('bull', true).queue('default', 'wait');

const openFleet = (folder: string): ClusterFleet => new ClusterFleet(folder, { hasReplicas: true });

/** What happens to three masters with a replica each. */
export const CLUSTER_FAULTS: readonly Fault[] = [
  {
    name: 'cluster-failover',
    does: 'SIGKILL to the master that has the jobs, in a Cluster of six; it comes back as a replica. A job is acknowledged with two copies',
    expects: 'nobody is started anew; jobs run again within 5 s of the new master',
    times: { short: 1, normal: 3, long: 20 },
    openFleet,
    env: { JQ_REDIS_MIN_REPLICAS: '1' },
    limitsLines: true,
    mayForget: true,
    recovery: { of: 'resume', withinMs: 5000 },
    inflict: (arena, times) => failOver(arena, times, 'SIGKILL'),
  },
  {
    name: 'cluster-hang',
    does: 'SIGSTOP to that master until its replica has taken over, then SIGCONT: it does not know, and finds out. Two copies, too',
    expects:
      'what is silent for 15 s is given up: jobs run again within 20 s. What it takes before it finds out is not acknowledged',
    times: { short: 1, normal: 3, long: 20 },
    openFleet,
    env: { JQ_REDIS_MIN_REPLICAS: '1' },
    limitsLines: true,
    mayForget: true,
    recovery: { of: 'resume', withinMs: 20_000 },
    inflict: (arena, times) => failOver(arena, times, 'SIGSTOP'),
  },
  {
    name: 'cluster-reshard',
    does: 'the slot that has the jobs moves to another master under load, ten keys at a time',
    expects: 'nobody is started anew; jobs run again within 3 s of the end of it',
    times: { short: 2, normal: 5, long: 40 },
    openFleet,
    limitsLines: true,
    recovery: { of: 'resume', withinMs: 3000 },
    async inflict(arena, times) {
      const fleet = arena.fleet as ClusterFleet;
      await throughout(arena, times, () => arena.strike(() => fleet.moveSlot(KEY)));
      return [];
    },
  },
  {
    name: 'cluster-node-gone',
    does: 'SIGKILL to a master of a Cluster of six that has none of the jobs; it is away for 5 s',
    expects: 'jobs go on',
    times: { short: 1, normal: 3, long: 20 },
    openFleet,
    limitsLines: true,
    mayForget: true,
    async inflict(arena, times) {
      const fleet = arena.fleet as ClusterFleet;
      await throughout(arena, times, async () => {
        const other = await fleet.otherMaster(KEY);
        await arena.strike(async () => {
          await other.kill();
          await sleep(5000);
        });
        await fleet.mend(other);
      });
      return [];
    },
  },
];

async function failOver(arena: Arena, times: number, how: 'SIGKILL' | 'SIGSTOP'): Promise<string[]> {
  const fleet = arena.fleet as ClusterFleet;
  await throughout(arena, times, async () => {
    let old: RedisNode | undefined;
    await arena.strike(async () => (old = await fleet.failOver(KEY, how)));
    await fleet.mend(old!, how);
  });
  return [];
}
