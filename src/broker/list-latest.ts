import type { Broker } from './broker.ts';
import type { JobState } from './job-state.ts';
import type { QueuePart } from './keys.ts';
import { partsOf, STATE_SETS } from './read-jobs.ts';
import { type Argument, type Reply, ReplyError } from './redis.ts';

/** A job by where it is, and when something happened to it last, epoch ms. */
export interface JobMoment {
  queue: string;
  state: JobState;
  id: string;
  at: number;
}

/** What is read of each set at the least, and how many times as much is read of those that turn out to have what is latest. */
const LEAST_DEPTH = 2;
const DEEPER = 5;

/** Of the delayed and the prioritized Redis knows another order than time: what is latest may stand at either end. */
const UNORDERED: readonly JobState[] = ['delayed', 'prioritized'];
/** Whose score is the time of their end, so that no job need be looked at for it. */
const ENDED: readonly JobState[] = ['completed', 'failed'];

/** One end of a set: the ids from there on. */
interface Source {
  queue: string;
  state: JobState;
  part: QueuePart;
  end: 'first' | 'last';
  found: JobMoment[];
}

/**
 * The jobs of some queues, in whatever states, to which something happened last: they were added, started or ended. Of
 * those in states that Redis keeps in another order, what is not near an end of that order may be missing.
 * Cost: a few round trips; two ids a set, and `amount` of those that have the latest
 * @param places the queues and states that have jobs
 */
export async function listLatest(
  broker: Broker,
  places: readonly { queue: string; state: JobState }[],
  amount: number,
): Promise<JobMoment[]> {
  const sources = places.flatMap(sourcesOf);
  let open = sources;
  let latest: JobMoment[] = [];
  // Of few sets each has some of the latest, of many most have none.
  const first = Math.max(LEAST_DEPTH, Math.ceil((2 * amount) / sources.length));
  for (let depth = Math.min(first, amount); open.length > 0; depth = Math.min(depth * DEEPER, amount)) {
    await readSources(broker, open, depth);
    latest = latestOf(sources, amount);
    const floor = latest.length < amount ? -Infinity : latest.at(-1)!.at;
    if (depth === amount) break;
    // All that was read of these may be shown, so that what comes next may, too.
    open = open.filter(({ found }) => found.length >= depth && found.every(({ at }) => at >= floor));
  }
  return latest;
}

const sourcesOf = ({ queue, state }: { queue: string; state: JobState }): Source[] =>
  partsOf(state).flatMap((part) => {
    const newest = STATE_SETS[state].newest;
    const ends = UNORDERED.includes(state) ? (['first', 'last'] as const) : ([newest] as const);
    return ends.map((end) => ({ queue, state, part, end, found: [] }));
  });

/** A job that moved on between two reads, or stands near both ends, counts once. */
function latestOf(sources: readonly Source[], amount: number): JobMoment[] {
  const jobs = new Map(sources.flatMap(({ found }) => found.map((job) => [`${job.queue} ${job.id}`, job])));
  return [...jobs.values()].toSorted((a, b) => b.at - a.at).slice(0, amount);
}

/** Reads so many ids from the end of each. */
async function readSources({ redis, keys }: Broker, sources: readonly Source[], depth: number): Promise<void> {
  const ranges = await redis.pipeline(
    sources.map((source) => rangeOf(source, keys.queue(source.queue, source.part), depth)),
  );
  const unknown: JobMoment[] = [];
  for (const [index, source] of sources.entries()) {
    const { queue, state } = source;
    const reply = ranges[index];
    // Another program may keep something else there.
    const values = reply instanceof ReplyError || !Array.isArray(reply) ? [] : (reply as string[]);
    const hasScores = ENDED.includes(state);
    source.found = hasScores
      ? Array.from({ length: values.length / 2 }, (_, row) => ({
          queue,
          state,
          id: values[2 * row]!,
          at: Number(values[2 * row + 1]),
        }))
      : // BullMQ 5 keeps markers such as `0:123` among the waiting.
        values.filter((id) => !id.startsWith('0:')).map((id) => ({ queue, state, id, at: 0 }));
    if (!hasScores) unknown.push(...source.found);
  }
  const times = await redis.pipeline(
    unknown.map(({ queue, id }) => ['HMGET', keys.job(queue, id), 'timestamp', 'processedOn', 'finishedOn']),
  );
  for (const [index, job] of unknown.entries()) job.at = lastOf(times[index]);
}

function rangeOf({ state, end }: Source, key: string, depth: number): Argument[] {
  if (STATE_SETS[state].type === 'list') return ['LRANGE', key, 0, depth - 1];
  const command = end === 'first' ? 'ZRANGE' : 'ZREVRANGE';
  const range = [command, key, 0, depth - 1];
  return ENDED.includes(state) ? [...range, 'WITHSCORES'] : range;
}

const lastOf = (reply: Reply | ReplyError | undefined): number =>
  Array.isArray(reply) ? Math.max(...reply.map((time) => Number(time) || 0)) : 0;
