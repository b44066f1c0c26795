import type { Cluster } from 'ioredis';
import { createCluster } from './cluster-redis.ts';
import { connectionOptions } from './lasting-redis.ts';
import type { RedisTarget } from './target.ts';

/** What BullMQ is to connect by. It opens and closes its connections itself, but those to a Cluster: `close` these after it. */
export interface EngineConnection {
  connection: ReturnType<typeof connectionOptions> | Cluster;
  close(): void;
}

/** @param maxRetriesPerRequest null: what it asks for waits until Redis is back */
export function createEngineConnection(
  target: RedisTarget,
  { maxRetriesPerRequest }: { maxRetriesPerRequest: number | null },
): EngineConnection {
  if (!target.cluster) {
    return { connection: { ...connectionOptions(target), maxRetriesPerRequest }, close() {} };
  }
  const cluster = createCluster(target, maxRetriesPerRequest === null ? { maxRedirections: Infinity } : {});
  // Its trouble is told by those who ask for something.
  cluster.on('error', () => {});
  return { connection: cluster, close: () => cluster.disconnect() };
}
