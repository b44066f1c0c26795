import { JobQueueError } from '../errors.ts';
import { monotonicMs } from '../lib/clock.ts';
import type { Broker } from './broker.ts';
import type { Keys } from './keys.ts';
import { ReplyError } from './redis.ts';

/** A connection to Redis by which a BullMQ program, `jq work` among them, waits for something to happen in a queue. */
export interface Connection {
  /** Of no other one at the time. */
  key: string;
  queue: string;
  /** What the worker calls itself, which most do not. */
  worker: string | null;
  waitsFor: 'jobs' | 'events';
  /** Of the program, as Redis sees it. */
  address: string;
  /** Since it was made, and since it sent its last command. */
  ageMs: number;
  idleMs: number;
  command: string;
}

/** The list has a line for each connection to Redis, of which there may be thousands. */
export const LOOK_EVERY_MS = 10_000;

const isRefusal = (error: unknown): boolean => error instanceof JobQueueError && error.code === 'REDIS_REFUSED';

/**
 * The connections of BullMQ's workers and of those who listen to its events, told by the names that they give them: looked
 * at every ten seconds at most, and never again where that is not allowed.
 * @returns the same list until it was looked at again; undefined when it is not known
 */
export function createConnectionLook({ redis, keys }: Broker): () => Promise<readonly Connection[] | undefined> {
  let known: readonly Connection[] | undefined;
  let lookedAt = -Infinity;
  let isAllowed = true;

  return async () => {
    if (!isAllowed || monotonicMs() - lookedAt < LOOK_EVERY_MS) return known;
    lookedAt = monotonicMs();
    try {
      const lists = await Promise.all(redis.masters().map((master) => master.call('CLIENT', 'LIST', 'TYPE', 'normal')));
      known = lists.flatMap((list, node) =>
        String(list)
          .split('\n')
          .flatMap((line) => parseLine(keys, line, node) ?? []),
      );
    } catch (error) {
      if (!(error instanceof ReplyError) && !isRefusal(error)) throw error;
      [isAllowed, known] = [false, undefined];
    }
    return known;
  };
}

/** A worker names the connection by which it waits `bull:` and the queue in Base64, and may add its own name. */
function parseLine(keys: Keys, line: string, node: number): Connection | undefined {
  if (!line.includes(` name=${keys.prefix}:`)) return undefined;
  const fields = new Map(
    line.split(' ').map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  );
  const field = (name: string): string => fields.get(name) ?? '';
  const [encoded = '', kind, ...own] = field('name')
    .slice(keys.prefix.length + 1)
    .split(':');
  const queue = keys.queueOf(Buffer.from(encoded, 'base64').toString());
  if (queue === '') return undefined;
  return {
    key: `${node} ${field('id')}`,
    queue,
    worker: kind === 'w' ? own.join(':') : null,
    waitsFor: kind === 'qe' ? 'events' : 'jobs',
    address: field('addr'),
    ageMs: Number(field('age')) * 1000,
    idleMs: Number(field('idle')) * 1000,
    command: field('cmd').toLowerCase(),
  };
}
