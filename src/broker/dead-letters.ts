import type { Broker } from './broker.ts';
import { ReplyError, unwrap } from './redis.ts';
import { runScript } from './script.ts';
import { REMOVE_DEAD } from './scripts/remove-dead.ts';
import { REPLAY_DEAD } from './scripts/replay-dead.ts';

/** One dead letter as a scan sees it: enough to decide, little enough to hold many. */
export interface DeadLetter {
  id: string;
  queue: string;
  type: string;
  diedAt: number;
  error: string;
}

const PAGE = 1000;
/** Ids in one call of a script, so that no call holds Redis for long. */
export const DEAD_BATCH = 200;

/**
 * The dead letters of a queue that died within `[since, until]` (epoch ms), oldest first, in pages. Removing or
 * replaying letters of a page before asking for the next is allowed; those that die meanwhile are after `until`.
 * Cost: O(log n + page) a page, two round trips.
 */
export async function* scanDead(
  broker: Broker,
  queue: string,
  since: number,
  until: number,
): AsyncGenerator<DeadLetter[]> {
  const { redis, keys } = broker;
  const failed = keys.queue(queue, 'failed');
  let from = since;
  let seenAtFrom = new Set<string>();
  for (;;) {
    // Letters may share a millisecond: those of `from` that were seen and are still there come again first.
    const size = PAGE + seenAtFrom.size;
    const page = (await redis.call('ZRANGEBYSCORE', failed, from, until, 'WITHSCORES', 'LIMIT', 0, size)) as string[];
    const scored = Array.from({ length: page.length / 2 }, (_, index) => ({
      id: page[index * 2]!,
      diedAt: Number(page[index * 2 + 1]),
    }));
    const fresh = scored.filter(({ id }) => !seenAtFrom.has(id));
    if (fresh.length > 0) yield await describe(broker, queue, fresh);
    if (scored.length < size) return;
    const last = scored.at(-1)!.diedAt;
    if (last !== from) seenAtFrom = new Set();
    from = last;
    for (const { id, diedAt } of scored) if (diedAt === last) seenAtFrom.add(id);
  }
}

/** Those of these jobs that are dead. */
export async function findDead(broker: Broker, queue: string, ids: readonly string[]): Promise<DeadLetter[]> {
  const { redis, keys } = broker;
  const scores = await redis.pipeline(ids.map((id) => ['ZSCORE', keys.queue(queue, 'failed'), id]));
  const dead = ids.flatMap((id, index) => {
    const score = unwrap<string | null>(scores[index]);
    return score === null ? [] : [{ id, diedAt: Number(score) }];
  });
  return describe(broker, queue, dead);
}

async function describe(
  { redis, keys }: Broker,
  queue: string,
  letters: { id: string; diedAt: number }[],
): Promise<DeadLetter[]> {
  const replies = await redis.pipeline(letters.map(({ id }) => ['HMGET', keys.job(queue, id), 'name', 'failedReason']));
  return letters.map(({ id, diedAt }, index) => {
    const reply = replies[index];
    const [type, error] = reply instanceof ReplyError ? [null, null] : unwrap<(string | null)[]>(reply);
    return { id, queue, diedAt, type: type ?? '', error: error ?? '' };
  });
}

/** Puts dead letters back to wait; see {@link REPLAY_DEAD}. @returns how many it did */
export async function replayDead(
  { redis, keys }: Broker,
  queue: string,
  ids: readonly string[],
  batch: string,
): Promise<number> {
  const parts = ['failed', 'wait', 'prioritized', 'pc', 'marker', 'meta', 'events', 'active'] as const;
  const reply = await runScript(redis, REPLAY_DEAD, [
    ...parts.map((part) => keys.queue(queue, part)),
    keys.queue(queue, ''),
    batch,
    ...ids,
  ]);
  return reply as number;
}

/** Deletes dead letters; see {@link REMOVE_DEAD}. @returns how many it did */
export async function removeDead({ redis, keys }: Broker, queue: string, ids: readonly string[]): Promise<number> {
  const parts = ['failed', 'meta', 'events'] as const;
  const reply = await runScript(redis, REMOVE_DEAD, [
    ...parts.map((part) => keys.queue(queue, part)),
    keys.queue(queue, ''),
    keys.once(queue, ''),
    ...ids,
  ]);
  return reply as number;
}
