import type { Broker } from './broker.ts';
import { copyDead, type DeadLetterCopy, importDead } from './dead-letter-copies.ts';
import { findDead, removeDead } from './dead-letters.ts';
import { type ReplayChange, replayDead } from './replay-dead.ts';

/**
 * Puts dead letters back to wait, in their own queue or another one. Where a Cluster has the queues in slots of their own, no
 * script can do that at once: they are copied as dead letters, taken away where they were, and only then put back to wait.
 * What ends this in between leaves some of them dead, in one of the queues or in both, and none lost or run twice; to do it again goes on.
 * @returns how many it did
 */
export async function replayInto(
  broker: Broker,
  queue: string,
  ids: readonly string[],
  batch: string,
  { to = queue, payloads }: ReplayChange = {},
): Promise<number> {
  const { keys } = broker;
  const isApart = to !== queue && keys.engineName(queue) !== queue;
  if (!isApart) return replayDead(broker, queue, ids, batch, { to, payloads });

  const copies = (await copyDead(broker, queue, await findDead(broker, queue, ids))).filter(({ fields }) =>
    canMove(fields),
  );
  const outcomes = await importDead(
    broker,
    to,
    copies.map((copy) => ({ ...copy, queue: to, id: movedId(copy) })),
  );
  const arrived = copies.filter((_copy, index) => outcomes[index] !== 'taken');
  const moved: DeadLetterCopy[] = [];
  for (const copy of arrived) {
    // Somebody else may have replayed it meanwhile: then the copy is one too many.
    if ((await removeDead(broker, queue, [copy])) === 1) moved.push(copy);
    else await removeDead(broker, to, [{ id: movedId(copy), score: copy.score }]);
  }
  if (moved.length === 0) return 0;
  const payloadOf = new Map(ids.map((id, index) => [id, payloads?.[index]]));
  return replayDead(broker, to, moved.map(movedId), batch, {
    ...(payloads && { payloads: moved.map(({ id }) => payloadOf.get(id)!) }),
  });
}

/** What belongs to a flow stays with it. */
const canMove = (fields: Record<string, string>): boolean => fields.parentKey === undefined;

/** BullMQ's own numbers are those of one queue. */
const movedId = ({ queue, id }: DeadLetterCopy): string => (/^\d+$/.test(id) ? `${queue}-${id}` : id);
