import type { Broker } from './broker.ts';
import { type Reply, ReplyError } from './redis.ts';

/** What BullMQ wrote into the stream of a queue. */
export interface QueueEvent {
  queue: string;
  /** Its place in the stream: `1760000000000-0`. */
  place: string;
  /** `added`, `active`, `completed`, `failed`, … */
  name: string;
  fields: Record<string, string>;
}

/**
 * The events of some queues: those after the places that are given, of the other queues the last ones; at most `amount`
 * of each queue, in the order of each. One round trip.
 */
export async function readEvents(
  { redis, keys }: Broker,
  queues: readonly string[],
  after: ReadonlyMap<string, string>,
  amount: number,
): Promise<QueueEvent[]> {
  const replies = await redis.pipeline(
    queues.map((queue) => {
      const key = keys.queue(queue, 'events');
      const last = after.get(queue);
      return last === undefined
        ? ['XREVRANGE', key, '+', '-', 'COUNT', amount]
        : ['XRANGE', key, `(${last}`, '+', 'COUNT', amount];
    }),
  );
  return queues.flatMap((queue, index) => {
    const reply = replies[index];
    // Another program may keep something else there.
    if (reply === undefined || reply instanceof ReplyError) return [];
    const entries = (reply as [string, string[]][]).map(([place, flat]) => eventOf(queue, place, flat));
    return after.has(queue) ? entries : entries.toReversed();
  });
}

function eventOf(queue: string, place: string, flat: Reply[]): QueueEvent {
  const { event = '', ...fields } = Object.fromEntries(
    Array.from({ length: Math.floor(flat.length / 2) }, (_, row) => [String(flat[row * 2]), String(flat[row * 2 + 1])]),
  ) as Record<string, string>;
  return { queue, place, name: event, fields };
}
