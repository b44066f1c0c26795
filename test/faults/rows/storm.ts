import type { Arena } from '../arena.ts';
import { type Fault, throughout } from '../fault.ts';
import { killHandlerProcess } from './processes.ts';
import { restartRedis } from './redis.ts';

/** What a storm is made of: so many of 320. */
const PARTS: readonly { share: number; inflict(arena: Arena): Promise<unknown> }[] = [
  { share: 80, inflict: killHandlerProcess },
  { share: 20, inflict: killSupervisor },
  { share: 20, inflict: (arena) => restartRedis(arena, arena.random.integer(0, 1000)) },
  { share: 100, inflict: (arena) => arena.cut('after-request') },
  { share: 100, inflict: (arena) => arena.cut('after-answer') },
];
const SHARES = PARTS.reduce((sum, { share }) => sum + share, 0);

/** Everything that ends things, in one run. */
export const STORM: readonly Fault[] = [
  {
    name: 'storm',
    does: 'kills of worker processes, supervisors and Redis, and cut connections, in an order of chance',
    expects: 'no more than the counts',
    times: { short: 32, normal: 64, long: SHARES },
    workers: 3,
    async inflict(arena, times) {
      const deck = PARTS.flatMap(({ share, inflict }) => Array(Math.round((times * share) / SHARES)).fill(inflict));
      await throughout(arena, deck.length, async () => {
        const [inflict] = deck.splice(arena.random.integer(0, deck.length - 1), 1);
        await inflict(arena);
      });
      return [];
    },
  },
];

async function killSupervisor(arena: Arena): Promise<void> {
  const worker = arena.random.pick(arena.workers);
  await arena.strike(() => worker.kill(), arena.treeOf(worker));
  worker.start();
}
