import type { Broker } from './broker.ts';
import { type Reply, toObject, unwrap } from './redis.ts';

/** How often a worker says that it lives. */
export const BEAT_MS = 2000;
/** Without a beat for so long, it is taken for lost. */
export const LOST_MS = 10_000;
const FORGOTTEN_MS = 60_000;

export const WORKER_STATES = ['running', 'quiet', 'stopping'] as const;
export type WorkerState = (typeof WORKER_STATES)[number];

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
}

/** Commands that write a beat. */
export function writeBeat(
  { keys }: Pick<Broker, 'keys'>,
  { slotsByQueue, ...rest }: WorkerRecord,
): (string | number)[][] {
  const fields = Object.entries({ ...rest, slotsByQueue: JSON.stringify(slotsByQueue) }).flat();
  return [
    ['HSET', keys.worker(rest.id), ...fields],
    ['PEXPIRE', keys.worker(rest.id), FORGOTTEN_MS],
    ['ZADD', keys.workers, rest.beatAt, rest.id],
    ['ZREMRANGEBYSCORE', keys.workers, '-inf', rest.beatAt - FORGOTTEN_MS],
  ];
}

/** Commands that take a worker off the list: it ended in order. */
export const eraseBeat = ({ keys }: Pick<Broker, 'keys'>, id: string): string[][] => [
  ['DEL', keys.worker(id)],
  ['ZREM', keys.workers, id],
];

/** The workers that gave a beat in the last minute, by id. */
export async function readWorkers(broker: Broker): Promise<WorkerRecord[]> {
  const [command, ...args] = listWorkerIds(broker);
  const ids = (await broker.redis.call(command, ...args)) as string[];
  const replies = await broker.redis.pipeline(ids.map((id) => readBeat(broker, id)));
  return decodeBeats(replies.map((reply) => unwrap(reply)));
}

/** Commands that read beats: which there are, and one of them. */
export const listWorkerIds = ({ keys, clock }: Pick<Broker, 'keys' | 'clock'>): [string, ...(string | number)[]] => [
  'ZRANGEBYSCORE',
  keys.workers,
  clock.now() - FORGOTTEN_MS,
  '+inf',
];
export const readBeat = ({ keys }: Pick<Broker, 'keys'>, id: string): string[] => ['HGETALL', keys.worker(id)];

/** The replies to {@link readBeat}; a worker that has ended meanwhile is left out. */
export function decodeBeats(replies: readonly Reply[]): WorkerRecord[] {
  // Workers of one fleet serve the same queues, of which there may be hundreds.
  const parsed = new Map<string, Record<string, number>>();
  const parse = (text: string): Record<string, number> => {
    if (!parsed.has(text)) parsed.set(text, JSON.parse(text) as Record<string, number>);
    return parsed.get(text)!;
  };
  return replies
    .map((reply) => toObject(reply))
    .filter(({ id }) => id !== undefined)
    .map((fields) => ({
      id: fields.id!,
      host: fields.host!,
      pid: Number(fields.pid),
      slotsByQueue: parse(fields.slotsByQueue!),
      busy: Number(fields.busy),
      rssBytes: Number(fields.rssBytes),
      loopDelayMs: Number(fields.loopDelayMs),
      startedAt: Number(fields.startedAt),
      beatAt: Number(fields.beatAt),
      state: WORKER_STATES.find((state) => state === fields.state) ?? 'running',
    }))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
}
