import { Redis as Client } from 'ioredis';
import { createCluster } from '../cluster-redis.ts';
import type { Broker } from '../broker.ts';
import { connectionOptions } from '../lasting-redis.ts';
import { findQueues } from '../queues.ts';
import { BoardQueue } from './board-queue.ts';

export type { BoardQueue };

const DEADLINE_MS = 2500;

/** All queues as BullMQ's tools expect them. It owns one connection, which all of them share; `close` it. */
export interface BoardQueues {
  /** Those that there are now, new ones among them. */
  list(): Promise<BoardQueue[]>;
  close(): Promise<void>;
}

export function openBoardQueues(broker: Broker): BoardQueues {
  const client = broker.target.cluster
    ? createCluster(broker.target)
    : new Client({
        ...connectionOptions(broker.target),
        enableOfflineQueue: false,
        commandTimeout: DEADLINE_MS,
        maxRetriesPerRequest: 1,
      });
  client.on('error', () => {});
  const open = new Map<string, BoardQueue>();
  return {
    async list() {
      const names = await findQueues(broker);
      const present = new Set(names);
      for (const [name, queue] of open) {
        if (present.has(name)) continue;
        queue.close().catch(() => {});
        open.delete(name);
      }
      for (const name of names) if (!open.has(name)) open.set(name, new BoardQueue(broker, name, client));
      return [...open.values()];
    },
    async close() {
      await Promise.all([...open.values()].map((queue) => queue.close()));
      client.disconnect();
    },
  };
}
