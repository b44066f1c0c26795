import type { Broker } from './broker.ts';
import { type Reply, toObject } from './redis.ts';

/** How often a worker says that it lives; one that rests only every other time. */
export const BEAT_MS = 2000;
/** Reading what beats bring more often than they come finds nothing new. */
export const REREAD_MS = 0.9 * BEAT_MS;
/** Without a beat for so long, it is taken for lost. */
export const LOST_MS = 10_000;
export const FORGOTTEN_MS = 60_000;

export const WORKER_STATES = ['running', 'quiet', 'stopping'] as const;
export type WorkerState = (typeof WORKER_STATES)[number];

/** Attempts that ended in a worker: since it started, and in so many milliseconds up to now, a minute or less. */
export interface WorkerTally {
  completed: number;
  failed: number;
  lately: { ms: number; completed: number; failed: number };
}

/** What a worker says of itself with each beat. */
export interface WorkerRecord {
  /** `host/pid`. */
  id: string;
  host: string;
  pid: number;
  /** The queues that it works on, and how many jobs of each it runs at a time. */
  slotsByQueue: Record<string, number>;
  busy: number;
  rssBytes: number;
  loopDelayMs: number;
  startedAt: number;
  beatAt: number;
  state: WorkerState;
  tally: WorkerTally;
}

/** A command that writes a beat. */
export const writeBeat = ({ keys }: Pick<Broker, 'keys'>, { slotsByQueue, ...rest }: WorkerRecord): string[] => [
  'HSET',
  keys.beats,
  rest.id,
  JSON.stringify({ ...rest, slotsByQueue: JSON.stringify(slotsByQueue) }),
];

/** A command that takes workers off the list: they ended in order, or are forgotten. */
export const eraseBeats = ({ keys }: Pick<Broker, 'keys'>, ids: readonly string[]): [string, ...string[]] => [
  'HDEL',
  keys.beats,
  ...ids,
];

/** A command that reads all beats, for {@link decodeBeats}. */
export const readBeats = ({ keys }: Pick<Broker, 'keys'>): [string, string] => ['HGETALL', keys.beats];

/** The workers that gave a beat in the last minute, by id. */
export const decodeBeats = (reply: Reply, at: number): WorkerRecord[] =>
  parseBeats(reply)
    .filter(({ beatAt }) => !isForgotten(beatAt, at))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));

/** As {@link decodeBeats}, asked for now. */
export const readWorkers = async (broker: Broker): Promise<WorkerRecord[]> =>
  decodeBeats(await broker.redis.call(...readBeats(broker)), broker.clock.now());

/** Removes those that gave no beat for long: who was killed could not do it. */
export async function forgetWorkers(broker: Broker): Promise<void> {
  const all = parseBeats(await broker.redis.call(...readBeats(broker)));
  const now = broker.clock.now();
  const gone = all.flatMap(({ id, beatAt }) => (isForgotten(beatAt, now) ? [id] : []));
  if (gone.length > 0) await broker.redis.call(...eraseBeats(broker, gone));
}

const isForgotten = (beatAt: number, at: number): boolean => at - beatAt > FORGOTTEN_MS;

function parseBeats(reply: Reply): WorkerRecord[] {
  // Workers of one fleet serve the same queues, of which there may be hundreds.
  const parsed = new Map<string, WorkerRecord['slotsByQueue']>();
  const parse = (text: string): WorkerRecord['slotsByQueue'] => {
    if (!parsed.has(text)) parsed.set(text, JSON.parse(text) as WorkerRecord['slotsByQueue']);
    return parsed.get(text)!;
  };
  return Object.values(toObject(reply)).map((text) => {
    const record = JSON.parse(text) as Omit<WorkerRecord, 'slotsByQueue'> & { slotsByQueue: string };
    return { ...record, slotsByQueue: parse(record.slotsByQueue) };
  });
}
