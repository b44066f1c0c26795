import type { Broker } from './broker.ts';
import type { DeadLetter } from './dead-letters.ts';
import { type Reply, toObject, unwrap } from './redis.ts';
import { runScript } from './script.ts';
import { IMPORT_DEAD } from './scripts/import-dead.ts';

/** All that Redis has of a dead letter, texts as they are. */
export interface DeadLetterCopy {
  queue: string;
  id: string;
  /** Where it stands among the dead: when it died, in epoch milliseconds. */
  score: string;
  /** BullMQ's hash of the job. */
  fields: Record<string, string>;
  logs: string[];
  /** The recorded steps of `once`. */
  once: Record<string, string>;
}

/** Copies of dead letters of one queue; those that are gone by now are left out. */
export async function copyDead(
  { redis, keys }: Broker,
  queue: string,
  letters: readonly DeadLetter[],
): Promise<DeadLetterCopy[]> {
  const replies = await redis.pipeline(
    letters.flatMap(({ id }) => [
      ['HGETALL', keys.job(queue, id)],
      ['LRANGE', keys.logs(queue, id), 0, -1],
      ['HGETALL', keys.once(queue, id)],
    ]),
  );
  const read = <Value extends Reply>(index: number): Value => unwrap<Value>(replies[index]);
  return letters.flatMap(({ id, score }, index) => {
    const fields = { ...toObject(read(index * 3)) };
    if (Object.keys(fields).length === 0) return [];
    const once = { ...toObject(read(index * 3 + 2)) };
    return [{ queue, id, score, fields, logs: read<string[]>(index * 3 + 1), once }];
  });
}

export type ImportOutcome = 'imported' | 'present' | 'taken';

/** Makes dead letters of copies, all of one queue; see {@link IMPORT_DEAD}. @returns what became of each */
export async function importDead(
  { redis, keys }: Broker,
  queue: string,
  copies: readonly DeadLetterCopy[],
): Promise<ImportOutcome[]> {
  const reply = await runScript(redis, IMPORT_DEAD, [
    keys.queue(queue, 'failed'),
    keys.queue(queue, 'id'),
    keys.queue(queue, ''),
    keys.once(queue, ''),
    ...copies.flatMap(({ id, score, ...rest }) => [
      id,
      score,
      ...[rest.fields, rest.logs, rest.once].map((part) => JSON.stringify(part)),
    ]),
  ]);
  return reply as ImportOutcome[];
}
