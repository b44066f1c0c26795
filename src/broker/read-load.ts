import { monotonicMs } from '../lib/clock.ts';
import type { Broker } from './broker.ts';
import { parseInfo } from './check-server.ts';
import { JOB_STATES, type JobState } from './job-state.ts';
import { type Reply, ReplyError, unwrap } from './redis.ts';
import { STATE_SETS } from './read-jobs.ts';
import { READ_QUEUE } from './scripts/read-queue.ts';
import { decodeTotals, type TotalsOf } from './totals.ts';
import { decodeBeats, listWorkerIds, readBeat, type WorkerRecord } from './worker-records.ts';

/** One Redis with all that happens in it, as it is scraped. */
export interface Load {
  queues: QueueLoad[];
  workers: WorkerRecord[];
  totals: TotalsOf[];
  /** When that was (epoch ms), as Redis has it. */
  at: number;
  /** The lines of INFO about memory and persistence, by name. */
  info: Map<string, string>;
  roundTripMs: number;
}

export interface QueueLoad {
  name: string;
  counts: Record<JobState, number>;
  paused: boolean;
  /** When the job at the head of the waiting list became due (epoch ms). */
  oldestDueAt: number | null;
}

/** Reads all of it in two round trips, however many queues and workers there are. @param choose which of the known queues */
export async function readLoad(broker: Broker, choose: (known: string[]) => string[]): Promise<Load> {
  const { redis, keys } = broker;
  const began = monotonicMs();
  const first = await redis.pipeline([
    ['SMEMBERS', keys.queues],
    listWorkerIds(broker),
    ['HGETALL', keys.totals],
    ['INFO', 'memory'],
    ['INFO', 'persistence'],
  ]);
  const roundTripMs = monotonicMs() - began;
  const [known, ids, totals, ...info] = first.map((reply) => unwrap<Reply>(reply));
  const names = choose(known as string[]);
  const beats = (ids as string[]).map((id) => readBeat(broker, id));
  const second = await redis.pipeline([...beats, ...names.map((name) => readQueue(broker, name))]);
  return {
    queues: second.slice(beats.length).map((reply, index) => decodeQueue(names[index]!, reply)),
    workers: decodeBeats(second.slice(0, beats.length).map((reply) => unwrap(reply))),
    totals: decodeTotals(totals!),
    at: broker.clock.now(),
    info: parseInfo(info.join('\n')),
    roundTripMs,
  };
}

// With the source, which is short: a script that Redis does not know yet would cost another round trip.
const readQueue = ({ keys }: Broker, queue: string): (string | number)[] => [
  'EVAL',
  READ_QUEUE.source,
  READ_QUEUE.keyCount,
  ...JOB_STATES.map((state) => keys.queue(queue, STATE_SETS[state].part)),
  keys.queue(queue, 'meta'),
  keys.queue(queue, ''),
];

function decodeQueue(name: string, reply: Reply | ReplyError): QueueLoad {
  const seen = unwrap<(number | string)[]>(reply);
  const [paused, addedAt, delay] = seen.slice(JOB_STATES.length);
  return {
    name,
    counts: Object.fromEntries(JOB_STATES.map((state, index) => [state, seen[index]])) as Record<JobState, number>,
    paused: paused === 1,
    oldestDueAt: addedAt === undefined ? null : Number(addedAt) + Number(delay),
  };
}
