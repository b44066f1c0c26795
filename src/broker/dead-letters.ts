import type { Broker } from './broker.ts';
import { unwrap } from './redis.ts';
import { runScript } from './script.ts';
import { REMOVE_DEAD } from './scripts/remove-dead.ts';
import { FIND_DEAD, SCAN_DEAD } from './scripts/scan-dead.ts';

/** One dead letter as a scan sees it: enough to decide, little enough to hold many. */
export interface DeadLetter {
  id: string;
  queue: string;
  type: string;
  diedAt: number;
  /** The same as Redis has it. */
  score: string;
  /** '' where it was not asked for. */
  error: string;
  /** `TypeError`, where it was asked for and is known; else ''. */
  errorName: string;
}

/** How much a scan tells of each: the type, the message with it, the name of the error, too. Each costs more. */
export type Detail = 'type' | 'message' | 'name';

/** Ids in one call of a script, so that no call holds Redis for long. */
export const DEAD_BATCH = 250;
const PAGE = DEAD_BATCH;
/** Each of these is read with its stacks, however long. */
const FIND_PAGE = 100;

/**
 * The dead letters of a queue that died within `[since, until]` (epoch ms), oldest first, in pages. Removing or
 * replaying letters of a page before asking for the next is allowed; those that die meanwhile are after `until`.
 * While a page is looked at, Redis reads the next one.
 */
export async function* scanDead(
  broker: Broker,
  queue: string,
  { since, until, detail }: { since: number; until: number; detail: Detail },
): AsyncGenerator<DeadLetter[]> {
  const readAfter = (last?: DeadLetter): Promise<DeadLetter[]> => {
    const place = [since, until, last?.score ?? '', last?.id ?? '', PAGE, detail];
    const page = describe(broker, queue, SCAN_DEAD, place);
    // Whoever has enough does not wait for it.
    page.catch(() => {});
    return page;
  };
  let page = await readAfter();
  while (page.length > 0) {
    const next = readAfter(page.at(-1));
    yield page;
    page = await next;
  }
}

/** Those of these jobs that are dead. */
export async function findDead(broker: Broker, queue: string, ids: readonly string[]): Promise<DeadLetter[]> {
  const found: DeadLetter[] = [];
  for (let start = 0; start < ids.length; start += FIND_PAGE) {
    found.push(...(await describe(broker, queue, FIND_DEAD, ids.slice(start, start + FIND_PAGE))));
  }
  return found;
}

/** In which of these queues a job is dead. */
export async function findDeadPlaces(
  { redis, keys }: Broker,
  queues: readonly string[],
  id: string,
): Promise<string[]> {
  const scores = await redis.pipeline(queues.map((queue) => ['ZSCORE', keys.queue(queue, 'failed'), id]));
  return queues.filter((_queue, index) => typeof scores[index] === 'string');
}

/** The letters of each queue that died last, newest first, `most` at most, in one round trip. */
export async function listNewestDead(
  { redis, keys }: Broker,
  queues: readonly string[],
  most: number,
): Promise<Pick<DeadLetter, 'queue' | 'id' | 'score'>[][]> {
  if (queues.length === 0) return [];
  const replies = await redis.pipeline(
    queues.map((queue) => ['ZREVRANGE', keys.queue(queue, 'failed'), 0, most - 1, 'WITHSCORES']),
  );
  return queues.map((queue, index) => {
    const flat = unwrap<string[]>(replies[index]);
    return Array.from({ length: flat.length / 2 }, (_, place) => ({
      queue,
      id: flat[2 * place]!,
      score: flat[2 * place + 1]!,
    }));
  });
}

type Facts = [id: string, score: string, type: string, error: string, errorName: string];
const FACTS = 5;

async function describe(
  { redis, keys }: Broker,
  queue: string,
  script: typeof SCAN_DEAD,
  words: readonly (string | number)[],
): Promise<DeadLetter[]> {
  const stem = [keys.queue(queue, 'failed'), keys.queue(queue, '')];
  const facts = (await runScript(redis, script, [...stem, ...words])) as string[];
  return Array.from({ length: facts.length / FACTS }, (_, index) => {
    const [id, score, type, error, errorName] = facts.slice(index * FACTS, (index + 1) * FACTS) as Facts;
    return { id, queue, type, diedAt: Number(score), score, error, errorName };
  });
}

/** Deletes dead letters, unless they died again since they were read, where their score tells; see {@link REMOVE_DEAD}. @returns how many it did */
export async function removeDead(
  { redis, keys }: Broker,
  queue: string,
  letters: readonly { id: string; score?: string }[],
): Promise<number> {
  const parts = ['failed', 'meta', 'events'] as const;
  const reply = await runScript(redis, REMOVE_DEAD, [
    ...parts.map((part) => keys.queue(queue, part)),
    keys.queue(queue, ''),
    keys.once(queue, ''),
    ...letters.flatMap(({ id, score = '' }) => [id, score]),
  ]);
  return reply as number;
}

/** The payloads of jobs as JSON, in order; null for a job that is gone. */
export async function readPayloads(
  { redis, keys }: Broker,
  queue: string,
  ids: readonly string[],
): Promise<(string | null)[]> {
  const replies = await redis.pipeline(ids.map((id) => ['HGET', keys.job(queue, id), 'data']));
  return replies.map((reply) => unwrap<string | null>(reply));
}
