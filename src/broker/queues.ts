import { JobQueueError } from '../errors.ts';
import { monotonicMs, now } from '../lib/clock.ts';
import type { Broker } from './broker.ts';
import { type Argument, type Reply, unwrap } from './redis.ts';

const SEARCH_EVERY_S = 60;
/** Keys that one call looks at: a millisecond or two of Redis. */
const SLICE = 2000;
/** How long one command goes on looking; the next one goes on from there. */
const PATIENCE_MS = 50;
/** How long one that asks every second. */
const LITTLE_PATIENCE_MS = 5;
/** How long when there is nothing else to show. */
const LONG_PATIENCE_MS = 1000;
/** Keys that are drawn by chance: a queue that has one key in a hundred is among them almost surely. */
const DRAWS = 400;

/** Queues that a program of ours has used, or that {@link findQueues} has found before. */
export async function knownQueues({ redis, keys }: Broker): Promise<string[]> {
  return ((await redis.call('SMEMBERS', keys.queues)) as string[]).toSorted();
}

/** Whether some BullMQ program made a queue of this name. One that did is known from now on. */
export async function isQueue(broker: Broker, name: string): Promise<boolean> {
  if ((await broker.redis.call('EXISTS', broker.keys.queue(name, 'meta'))) !== 1) return false;
  await unlessRefused(registerQueues(broker, [name]));
  return true;
}

/**
 * Every BullMQ queue of this Redis, also those of other programs: found by their `meta` hash.
 *
 * The search walks over all keys, which in a Redis with many jobs takes long. So it is done piecemeal: each call of this
 * goes on for a little while from where the last one stopped, in whatever process that was, and returns what is known by
 * then; a minute after its end it begins anew. Keys drawn by chance show the queues that have many at once. Who finds no
 * queue at all, or asks with `thoroughly`, waits longer; who asks `again` and again has no keys drawn, and waits less.
 */
export async function findQueues(broker: Broker, { thoroughly = false, again = false } = {}): Promise<string[]> {
  const { redis, keys } = broker;
  const replies = await redis.pipeline([
    ['SMEMBERS', keys.queues],
    ['GET', keys.queuesSearched],
    ['GET', keys.queuesCursor],
  ]);
  const known = new Set(unwrap<string[]>(replies[0]));
  const [searched, cursor] = [unwrap<string | null>(replies[1]), unwrap<string | null>(replies[2])];
  if (searched === null) {
    const drawn = again ? [] : await drawQueues(broker);
    const some = again ? LITTLE_PATIENCE_MS : PATIENCE_MS;
    const patience = thoroughly || (!again && known.size + drawn.length === 0) ? LONG_PATIENCE_MS : some;
    const { found, next } = await searchQueues(broker, cursor ?? '0', patience);
    for (const name of [...drawn, ...found]) known.add(name);
    await unlessRefused(keep(broker, [...drawn, ...found], next));
  }
  return [...known].toSorted();
}

/** The queues of some keys, whichever they are. */
async function drawQueues({ redis, keys }: Broker): Promise<string[]> {
  const before = `${keys.prefix}:`;
  const draws = Array.from({ length: DRAWS }, () => ['RANDOMKEY']);
  const drawn = await Promise.all(redis.masters().map((master) => master.pipeline(draws)));
  const names = new Set<string>();
  for (const reply of drawn.flat()) {
    const key = unwrap<string | null>(reply) ?? '';
    const name = key.startsWith(before) ? keys.queueOf(key.slice(before.length).split(':', 1)[0]!) : '';
    if (name !== '') names.add(name);
  }
  const found = await redis.pipeline([...names].map((name) => ['EXISTS', keys.queue(name, 'meta')]));
  return [...names].filter((_name, index) => unwrap<number>(found[index]) === 1);
}

async function searchQueues(
  { redis, keys }: Broker,
  cursor: string,
  patienceMs: number,
): Promise<{ found: string[]; next: string | undefined }> {
  const [before, after] = [`${keys.prefix}:`, ':meta'];
  const pattern = `${before.replace(/[*?[\]\\]/g, '\\$&')}*${after}`;
  const found = new Set<string>();
  const began = monotonicMs();
  // One server after the other. With one more or less, it begins anew.
  const masters = redis.masters();
  const [place = '0', at = '0', amount = '1'] = cursor.split('/');
  let index = Number(amount) === masters.length ? Number(at) : 0;
  let next = Number(amount) === masters.length ? place : '0';
  do {
    const reply = (await masters[index]!.call('SCAN', next, 'MATCH', pattern, 'COUNT', SLICE)) as [string, string[]];
    for (const name of reply[1]) {
      const queue = keys.queueOf(name.slice(before.length, -after.length));
      // A job id may be anything but may not hold a colon, so `bull:mail:meta:…` is no queue.
      if (queue !== '' && !queue.includes(':')) found.add(queue);
    }
    next = reply[0];
    if (next === '0') index += 1;
  } while (index < masters.length && monotonicMs() - began < patienceMs);
  return { found: [...found], next: index < masters.length ? `${next}/${index}/${masters.length}` : undefined };
}

/** Writes down what was found and where to go on: cursor, which server, of how many. */
async function keep({ redis, keys }: Broker, found: readonly string[], next: string | undefined): Promise<void> {
  const end: Argument[][] = [
    ['SET', keys.queuesSearched, now(), 'EX', SEARCH_EVERY_S],
    ['DEL', keys.queuesCursor],
  ];
  const replies = await redis.pipeline([
    ...(found.length > 0 ? [['SADD', keys.queues, ...found]] : []),
    ...(next === undefined ? end : [['SET', keys.queuesCursor, next]]),
  ]);
  for (const reply of replies) unwrap<Reply>(reply);
}

/** A Redis that takes no writes can still be looked at. */
async function unlessRefused(writing: Promise<void>): Promise<void> {
  try {
    await writing;
  } catch (error) {
    if (!(error instanceof JobQueueError && error.code === 'REDIS_REFUSED')) throw error;
  }
}

/** Adds names to the known queues. */
export async function registerQueues({ redis, keys }: Broker, queues: readonly string[]): Promise<void> {
  if (queues.length > 0) unwrap<Reply>(await redis.call('SADD', keys.queues, ...queues));
}
