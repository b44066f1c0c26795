import type { LoadedCatalog } from '../handlers/catalog.ts';
import type { Project } from '../jobs/project.ts';

/** Which of how many processes of a worker. */
export interface Share {
  index: number;
  of: number;
}

/**
 * The queues that this worker works on, and how many jobs of each it runs at a time: the queues that were asked for,
 * else every one that the configuration or a handler names. `--concurrency` beats the configuration of the queues.
 * The processes of a worker share the slots of each queue.
 */
export function planSlots(
  { config }: Project,
  { handlers }: LoadedCatalog,
  share: Share = { index: 0, of: 1 },
): Record<string, number> {
  const { queues, work } = config.values;
  const named = ['default', ...Object.keys(queues), ...[...handlers.values()].flatMap(({ queue }) => queue ?? [])];
  const isFlag = config.origins.get('work.concurrency')!.origin.startsWith('--');
  const slots = [...new Set(work.queues ?? named)].map((queue): [string, number] => {
    const all = (isFlag ? undefined : queues[queue]?.concurrency) ?? work.concurrency;
    return [queue, Math.floor(all / share.of) + (share.index < all % share.of ? 1 : 0)];
  });
  return Object.fromEntries(slots.filter(([, count]) => count > 0));
}
