import type { Broker } from './broker.ts';
import { type Connection, createConnectionLook } from './connections.ts';

/**
 * How many BullMQ workers of whatever program wait for jobs of each queue: looked at every ten seconds at most, and never
 * again where that is not allowed.
 * @returns undefined when it is not known
 */
export function createListeners(broker: Broker): () => Promise<ReadonlyMap<string, number> | undefined> {
  const look = createConnectionLook(broker);
  let counted: readonly Connection[] | undefined;
  let counts: ReadonlyMap<string, number> | undefined;

  return async () => {
    const connections = await look();
    if (connections !== counted) [counted, counts] = [connections, connections && count(connections)];
    return counts;
  };
}

function count(connections: readonly Connection[]): Map<string, number> {
  const listeners = new Map<string, number>();
  for (const { queue, command } of connections) {
    if (command === 'bzpopmin') listeners.set(queue, (listeners.get(queue) ?? 0) + 1);
  }
  return listeners;
}
