import { monotonicMs } from '../lib/clock.ts';
import type { Broker } from './broker.ts';
import { parseInfo } from './check-server.ts';
import { type Redis, unwrap } from './redis.ts';

/** How Redis is doing, in one round trip. */
export interface Vitals {
  roundTripMs: number;
  usedMemoryBytes: number;
  /** 0 is no limit. */
  maxMemoryBytes: number;
  /** What makes it unfit to keep jobs, for people. */
  fault: string | undefined;
}

/** @throws JobQueueError REDIS_UNREACHABLE, REDIS_REFUSED */
export async function readVitals({ redis }: Broker, { allowEviction }: { allowEviction: boolean }): Promise<Vitals> {
  const vitals = await Promise.all(redis.masters().map((master) => readOne(master, allowEviction)));
  // Of several servers, the one that is worst off: jobs of its queues are at stake.
  return vitals.toSorted((a, b) => badness(b) - badness(a))[0]!;
}

const badness = ({ fault, usedMemoryBytes, maxMemoryBytes }: Vitals): number =>
  (fault === undefined ? 0 : 2) + (maxMemoryBytes === 0 ? 0 : usedMemoryBytes / maxMemoryBytes);

async function readOne(redis: Pick<Redis, 'pipeline'>, allowEviction: boolean): Promise<Vitals> {
  const startedAt = monotonicMs();
  const sections = await redis.pipeline(['memory', 'persistence'].map((section) => ['INFO', section]));
  const roundTripMs = monotonicMs() - startedAt;
  const info = parseInfo(sections.map((section) => unwrap<string>(section)).join('\n'));
  return {
    roundTripMs,
    usedMemoryBytes: Number(info.get('used_memory') ?? 0),
    maxMemoryBytes: Number(info.get('maxmemory') ?? 0),
    fault: allowEviction ? saveFault(info) : (evictionFault(info) ?? saveFault(info)),
  };
}

function evictionFault(info: ReadonlyMap<string, string>): string | undefined {
  const policy = info.get('maxmemory_policy') ?? 'noeviction';
  return policy === 'noeviction' ? undefined : `it may throw jobs away: its maxmemory-policy is ${policy}`;
}

const SAVES: Record<string, string> = {
  aof_last_write_status: 'it cannot write its append-only file',
  aof_last_bgrewrite_status: 'it cannot rewrite its append-only file',
  rdb_last_bgsave_status: 'it cannot save to disk',
};

function saveFault(info: ReadonlyMap<string, string>): string | undefined {
  const failed = Object.keys(SAVES).find((field) => info.get(field) === 'err');
  return failed && SAVES[failed];
}
