import type { LoadedCatalog } from '../handlers/catalog.ts';
import type { Project } from '../jobs/project.ts';

/**
 * The queues that this worker works on, and how many jobs of each it runs at a time: the queues that were asked for,
 * else every one that the configuration or a handler names. `--concurrency` beats the configuration of the queues.
 */
export function planSlots({ config }: Project, { handlers }: LoadedCatalog): Record<string, number> {
  const { queues, work } = config.values;
  const named = ['default', ...Object.keys(queues), ...[...handlers.values()].flatMap(({ queue }) => queue ?? [])];
  const isFlag = config.origins.get('work.concurrency')!.origin.startsWith('--');
  return Object.fromEntries(
    [...new Set(work.queues ?? named)].map((queue) => [
      queue,
      (isFlag ? undefined : queues[queue]?.concurrency) ?? work.concurrency,
    ]),
  );
}
