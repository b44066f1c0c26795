import { parseInfo } from '../broker/check-server.ts';
import type { Project } from './project.ts';

/** What one Redis server says of itself. What an old version does not say is 0. */
export interface RedisFacts {
  version: string;
  /** `standalone`, `cluster`; `master`, `slave`. */
  mode: string;
  role: string;
  replicas: number;
  upMs: number;
  usedBytes: number;
  peakBytes: number;
  /** 0 is no limit. */
  maxBytes: number;
  evictionPolicy: string;
  fragmentation: number;
  clients: number;
  blockedClients: number;
  commandsPerSecond: number;
  /** Keys that were asked for and were there, of all, 0 to 1; null before any was. */
  hitRate: number | null;
  evictedKeys: number;
  appendOnly: boolean;
  /** Whether the last write of its data to the disk went well. */
  isSaved: boolean;
}

/** What each server that has keys of its own says: one, but for a Cluster. */
export const readRedisFacts = ({ broker: { redis } }: Project): Promise<RedisFacts[]> =>
  Promise.all(redis.masters().map(async (master) => factsOf((await master.call('INFO')) as string)));

function factsOf(info: string): RedisFacts {
  const fields = parseInfo(info);
  const text = (name: string): string => fields.get(name) ?? '';
  const number = (name: string): number => Number(fields.get(name) ?? 0) || 0;
  const [hits, misses] = [number('keyspace_hits'), number('keyspace_misses')];
  const saves = ['rdb_last_bgsave_status', 'aof_last_write_status', 'aof_last_bgrewrite_status'];
  return {
    version: text('redis_version'),
    mode: text('redis_mode'),
    role: text('role'),
    replicas: number('connected_slaves'),
    upMs: number('uptime_in_seconds') * 1000,
    usedBytes: number('used_memory'),
    peakBytes: number('used_memory_peak'),
    maxBytes: number('maxmemory'),
    evictionPolicy: text('maxmemory_policy'),
    fragmentation: number('mem_fragmentation_ratio'),
    clients: number('connected_clients'),
    blockedClients: number('blocked_clients'),
    commandsPerSecond: number('instantaneous_ops_per_sec'),
    hitRate: hits + misses === 0 ? null : hits / (hits + misses),
    evictedKeys: number('evicted_keys'),
    appendOnly: text('aof_enabled') === '1',
    isSaved: saves.every((name) => (fields.get(name) ?? 'ok') === 'ok'),
  };
}
