import { JobQueueError } from '../errors.ts';
import type { Broker } from './broker.ts';
import { ReplyError } from './redis.ts';
import { monotonicMs } from '../lib/clock.ts';

const isRefusal = (error: unknown): boolean => error instanceof JobQueueError && error.code === 'REDIS_REFUSED';

/** The list has a line for each connection to Redis, of which there may be thousands. */
const LOOK_EVERY_MS = 10_000;

/**
 * How many BullMQ workers of whatever program wait for jobs of each queue, told by the names that they give their
 * connections: looked at every ten seconds at most, and never again where that is not allowed.
 * @returns undefined when it is not known
 */
export function createListeners({ redis, keys }: Broker): () => Promise<ReadonlyMap<string, number> | undefined> {
  let known: ReadonlyMap<string, number> | undefined;
  let lookedAt = -Infinity;
  let isAllowed = true;

  return async () => {
    if (!isAllowed || monotonicMs() - lookedAt < LOOK_EVERY_MS) return known;
    lookedAt = monotonicMs();
    try {
      const lists = await Promise.all(redis.masters().map((master) => master.call('CLIENT', 'LIST', 'TYPE', 'normal')));
      known = count(lists.map(String));
    } catch (error) {
      if (!(error instanceof ReplyError) && !isRefusal(error)) throw error;
      [isAllowed, known] = [false, undefined];
    }
    return known;
  };

  function count(texts: readonly string[]): Map<string, number> {
    const listeners = new Map<string, number>();
    for (const line of texts.flatMap((text) => text.split('\n'))) {
      const queue = queueOf(line);
      if (queue !== '') listeners.set(queue, (listeners.get(queue) ?? 0) + 1);
    }
    return listeners;
  }

  /** A worker names the connection by which it waits `bull:` and the queue in Base64, and may add its own name. */
  function queueOf(line: string): string {
    const [, name = ''] = / name=(\S*) /.exec(line) ?? [];
    if (!/ cmd=bzpopmin /i.test(line) || !name.startsWith(`${keys.prefix}:`)) return '';
    const [encoded = ''] = name.slice(keys.prefix.length + 1).split(':');
    return keys.queueOf(Buffer.from(encoded, 'base64').toString());
  }
}
