import { monotonicMs } from '../lib/clock.ts';
import type { Broker } from './broker.ts';
import { parseInfo } from './check-server.ts';
import { decodeQueues, type QueueLook, readQueues } from './read-queue.ts';
import { type Reply, unwrap } from './redis.ts';
import { decodeTotals, type TotalsOf } from './totals.ts';
import { decodeBeats, readBeats, type WorkerRecord } from './worker-records.ts';

/** One Redis with all that happens in it, as it is scraped. */
export interface Load {
  queues: QueueLook[];
  workers: WorkerRecord[];
  totals: TotalsOf[];
  /** When that was (epoch ms), as Redis has it. */
  at: number;
  /** The lines of INFO about memory and persistence, by name. */
  info: Map<string, string>;
  roundTripMs: number;
}

/** Reads all of it in two round trips, however many queues and workers there are. @param choose which of the known queues */
export async function readLoad(broker: Broker, choose: (known: string[]) => string[]): Promise<Load> {
  const { redis, keys } = broker;
  const began = monotonicMs();
  const first = await redis.pipeline([
    ['SMEMBERS', keys.queues],
    readBeats(broker),
    ['HGETALL', keys.totals],
    ['INFO', 'memory'],
    ['INFO', 'persistence'],
  ]);
  const roundTripMs = monotonicMs() - began;
  const [known, beats, totals, ...info] = first.map((reply) => unwrap<Reply>(reply));
  const names = choose(known as string[]);
  const replies = await redis.pipeline(readQueues(broker, names));
  const at = broker.clock.now();
  return {
    queues: decodeQueues(names, replies, {}),
    workers: decodeBeats(beats!, at),
    totals: decodeTotals(totals!),
    at,
    info: parseInfo(info.join('\n')),
    roundTripMs,
  };
}
