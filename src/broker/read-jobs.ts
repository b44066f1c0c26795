import type { Broker } from './broker.ts';
import { type JobState, JOB_STATES } from './job-state.ts';
import { decodeJob, JOB_FIELDS, type JobField, type JobRecord } from './job-record.ts';
import type { Keys, QueuePart } from './keys.ts';
import { ReplyError, type Reply, unwrap } from './redis.ts';

/** Where BullMQ keeps the ids of each state, and whether the newest stand first or last there. */
export const STATE_SETS: Record<JobState, { part: QueuePart; type: 'list' | 'sorted'; newest: 'first' | 'last' }> = {
  waiting: { part: 'wait', type: 'list', newest: 'first' },
  prioritized: { part: 'prioritized', type: 'sorted', newest: 'last' },
  delayed: { part: 'delayed', type: 'sorted', newest: 'last' },
  'waiting-children': { part: 'waiting-children', type: 'sorted', newest: 'last' },
  active: { part: 'active', type: 'list', newest: 'first' },
  completed: { part: 'completed', type: 'sorted', newest: 'last' },
  failed: { part: 'failed', type: 'sorted', newest: 'last' },
};

/** A reply about a key that another program filled with something else counts as nothing. */
const orNothing = <T extends Reply>(reply: Reply | ReplyError | undefined, nothing: T): T =>
  reply instanceof ReplyError && reply.kind === 'WRONGTYPE' ? nothing : (unwrap<T>(reply) ?? nothing);

/** How many jobs each queue has in each of the states, in one round trip. */
export async function countStates<State extends JobState>(
  { redis, keys }: Broker,
  queues: readonly string[],
  states: readonly State[],
): Promise<Map<string, Record<State, number>>> {
  const counting = states.flatMap((state) =>
    partsOf(state).map((part) => ({ state, part, command: STATE_SETS[state].type === 'list' ? 'LLEN' : 'ZCARD' })),
  );
  const replies = await redis.pipeline(
    queues.flatMap((queue) => counting.map(({ command, part }) => [command, keys.queue(queue, part)])),
  );
  return new Map(
    queues.map((queue, row) => {
      const counts = Object.fromEntries(states.map((state) => [state, 0])) as Record<State, number>;
      for (const [column, { state }] of counting.entries()) {
        counts[state] += orNothing(replies[row * counting.length + column], 0);
      }
      return [queue, counts];
    }),
  );
}

/** BullMQ 5 keeps the waiting of a queue that it has paused in a list of their own. */
export const partsOf = (state: JobState): QueuePart[] =>
  state === 'waiting' ? ['wait', 'paused'] : [STATE_SETS[state].part];

/** The ids of jobs in one state, newest first, from `offset`, at most `limit`. Cost: O(offset + limit) for lists, O(log n + limit) for the others. */
export async function listIds(
  broker: Broker,
  queue: string,
  state: JobState,
  offset: number,
  limit: number,
): Promise<string[]> {
  if (limit <= 0) return [];
  const { redis, keys } = broker;
  if (state === 'waiting') return listWaiting(broker, queue, offset, limit);
  const { part, type, newest } = STATE_SETS[state];
  const key = keys.queue(queue, part);
  const [start, stop] = [offset, offset + limit - 1];
  const command =
    type === 'list' ? ['LRANGE', key, start, stop] : [newest === 'last' ? 'ZREVRANGE' : 'ZRANGE', key, start, stop];
  const [reply] = await redis.pipeline([command]);
  return orNothing<string[]>(reply, []);
}

/** Those that wait in the list of a paused queue of BullMQ 5 stand behind the others. */
async function listWaiting({ redis, keys }: Broker, queue: string, offset: number, limit: number): Promise<string[]> {
  const [wait, paused] = [keys.queue(queue, 'wait'), keys.queue(queue, 'paused')];
  const range = (key: string, start: number) => ['LRANGE', key, start, start + limit - 1];
  const replies = await redis.pipeline([range(wait, offset), ['LLEN', wait], ['LLEN', paused]]);
  const [waits, aside] = [orNothing(replies[1], 0), orNothing(replies[2], 0)];
  let ids = orNothing<string[]>(replies[0], []);
  if (aside > 0) {
    const start = offset < 0 ? Math.max(0, waits + aside + offset) : offset;
    const both = await redis.pipeline([range(wait, start), range(paused, Math.max(0, start - waits))]);
    ids = both.flatMap((reply) => orNothing<string[]>(reply, [])).slice(0, limit);
  }
  // BullMQ 5 keeps markers such as `0:123` among the waiting.
  return ids.filter((id) => !id.startsWith('0:'));
}

/** How many jobs of a finished state ended after `until` (epoch ms): the place, from the newest, of the first that did not. */
export async function rankOfEnd(
  { redis, keys }: Broker,
  queue: string,
  state: 'completed' | 'failed',
  until: number,
): Promise<number> {
  if (until === Infinity) return 0;
  const [reply] = await redis.pipeline([['ZCOUNT', keys.queue(queue, STATE_SETS[state].part), `(${until}`, '+inf']]);
  return orNothing(reply, 0);
}

/** The jobs with these ids, in one round trip; those that are gone are left out. What is not in `fields` is as in a bare job. */
export async function readJobs(
  { redis, keys }: Broker,
  queue: string,
  ids: readonly string[],
  fields: readonly JobField[] = JOB_FIELDS,
): Promise<JobRecord[]> {
  if (ids.length === 0) return [];
  // Every job has its time: by that one is known that is there.
  const asked = [...new Set<JobField>([...fields, 'timestamp'])];
  const places = JOB_FIELDS.map((field) => asked.indexOf(field));
  const replies = await redis.pipeline(ids.map((id) => ['HMGET', keys.job(queue, id), ...asked]));
  return ids.flatMap((id, index) => {
    const values = orNothing<(string | null)[]>(replies[index], []);
    return (
      decodeJob(
        queue,
        id,
        places.map((place) => values[place] ?? null),
      ) ?? []
    );
  });
}

/** A text that is another one when the job's state or progress has changed; `undefined` when there is no such job. */
export async function readSigns({ redis, keys }: Broker, queue: string, id: string): Promise<string | undefined> {
  const [fields, ...places] = await redis.pipeline([
    ['HMGET', keys.job(queue, id), 'timestamp', 'ats', 'atm', 'progress'],
    ...QUICK_STATES.map((state) => lookup(keys, queue, id, state)),
  ]);
  const values = orNothing<(string | null)[]>(fields, []);
  if (values[0] == null) return undefined;
  const at = QUICK_STATES.find((_state, index) => orNothing<Reply>(places[index], null) !== null);
  return JSON.stringify([...values, at ?? 'waiting']);
}

/** In which of the queues there is a job with this id. */
export async function findQueueOf(
  { redis, keys }: Broker,
  queues: readonly string[],
  id: string,
): Promise<string | undefined> {
  // Not every hash under such a name is a job: there are `meta` and those of schedulers. Every job has its time.
  const replies = await redis.pipeline(queues.map((queue) => ['HEXISTS', keys.job(queue, id), 'timestamp']));
  return queues.find((_queue, index) => orNothing<number>(replies[index], 0) === 1);
}

/** The state of a job, or `undefined` when no set has it. Only of one that waits long does it take long: O(length). */
export async function readState(broker: Broker, queue: string, id: string): Promise<JobState | undefined> {
  // A job may move on between two of the looks; it will not do so for ever.
  for (let look = 0; look < 3; look += 1) {
    const state = (await lookInto(broker, queue, id, QUICK_STATES)) ?? (await lookInto(broker, queue, id, ['waiting']));
    if (state !== undefined) return state;
  }
  return undefined;
}

/** Those whose sets are in order or short: all but the list of the waiting. */
const QUICK_STATES = JOB_STATES.filter((state) => state !== 'waiting');

async function lookInto(
  { redis, keys }: Broker,
  queue: string,
  id: string,
  states: readonly JobState[],
): Promise<JobState | undefined> {
  const replies = await redis.pipeline(states.map((state) => lookup(keys, queue, id, state)));
  return states.find((_state, index) => orNothing<Reply>(replies[index], null) !== null);
}

export interface Hold {
  /** For how long yet (ms) somebody holds the job. 0 when nobody does: its worker is gone, or stands still, and it will be put back. */
  heldMs: number;
  /** Times it was started, and times it was put back because nobody held it any more. */
  starts: number;
  stalls: number;
  /** What the worker calls itself; those of `jq work` and most others do not. */
  worker: string | null;
}

/** How each of some jobs that run is held, in one round trip. */
export async function readHolds(
  { redis, keys }: Broker,
  jobs: readonly { queue: string; id: string }[],
): Promise<Hold[]> {
  const replies = await redis.pipeline(
    jobs.flatMap(({ queue, id }) => [
      ['PTTL', `${keys.job(queue, id)}:lock`],
      ['HMGET', keys.job(queue, id), 'ats', 'stc', 'pb'],
    ]),
  );
  return jobs.map((_job, index) => {
    const [starts, stalls, worker = null] = orNothing<(string | null)[]>(replies[2 * index + 1], []);
    return {
      heldMs: Math.max(0, orNothing(replies[2 * index], 0)),
      starts: Number(starts) || 0,
      stalls: Number(stalls) || 0,
      worker,
    };
  });
}

/** Those of some jobs that are in one state now, in one round trip. */
export async function thoseIn(
  { redis, keys }: Broker,
  queue: string,
  ids: readonly string[],
  state: JobState,
): Promise<string[]> {
  const replies = await redis.pipeline(ids.map((id) => lookup(keys, queue, id, state)));
  return ids.filter((_id, index) => orNothing<Reply>(replies[index], null) !== null);
}

/** The command whose reply is not null when the job is in that state. */
function lookup(keys: Keys, queue: string, id: string, state: JobState): string[] {
  const { type, part } = STATE_SETS[state];
  return [type === 'list' ? 'LPOS' : 'ZSCORE', keys.queue(queue, part), id];
}

export async function readLogs({ redis, keys }: Broker, queue: string, id: string): Promise<string[]> {
  const [reply] = await redis.pipeline([['LRANGE', keys.logs(queue, id), 0, -1]]);
  return orNothing<string[]>(reply, []);
}

/** When delayed jobs become due (epoch ms); BullMQ keeps twelve bits of order below the time. */
export async function readDueTimes(
  { redis, keys }: Broker,
  queue: string,
  ids: readonly string[],
): Promise<Map<string, number>> {
  const replies = await redis.pipeline(ids.map((id) => ['ZSCORE', keys.queue(queue, 'delayed'), id]));
  return new Map(
    ids.flatMap((id, index) => {
      const score = orNothing<string | null>(replies[index], null);
      return score === null ? [] : [[id, Math.floor(Number(score) / 0x1000)] as const];
    }),
  );
}

/** When the first delayed job of each queue becomes due (epoch ms), of the queues that have one. */
export async function readSoonestDue({ redis, keys }: Broker, queues: readonly string[]): Promise<Map<string, number>> {
  const replies = await redis.pipeline(
    queues.map((queue) => ['ZRANGE', keys.queue(queue, 'delayed'), 0, 0, 'WITHSCORES']),
  );
  return new Map(
    queues.flatMap((queue, index) => {
      const [, score] = orNothing<string[]>(replies[index], []);
      return score === undefined ? [] : [[queue, Math.floor(Number(score) / 0x1000)] as const];
    }),
  );
}
