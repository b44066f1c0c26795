import type { Broker } from './broker.ts';
import { copyDead, type DeadLetterCopy, importDead } from './dead-letter-copies.ts';
import { DEAD_BATCH, findDead, removeDead } from './dead-letters.ts';
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
  const moved = await moveDead(
    broker,
    copies.map((from) => ({ from, to: { queue: to, id: movedId(from) } })),
  );
  if (moved.length === 0) return 0;
  const payloadOf = new Map(ids.map((id, index) => [id, payloads?.[index]]));
  const renamed = moved.filter(({ from, to }) => from.id !== to.id);
  return replayDead(
    broker,
    to,
    moved.map((move) => move.to.id),
    batch,
    {
      home: { queue, ids: Object.fromEntries(renamed.map(({ from, to }) => [to.id, from.id])) },
      ...(payloads && { payloads: moved.map(({ from }) => payloadOf.get(from.id)!) }),
    },
  );
}

/**
 * Brings letters back to the queue that they died in, which an undone replay has made dead in the one it had put them into.
 * What ends this in between leaves the rest there; to do it again goes on. One whose id was taken meanwhile stays.
 */
export async function bringHome(broker: Broker, queue: string, batch: string): Promise<void> {
  const { redis, keys } = broker;
  const list = keys.homeward(queue, batch);
  for (;;) {
    const notes = (await redis.call('LRANGE', list, 0, DEAD_BATCH - 1)) as string[];
    if (notes.length === 0) return;
    const places = new Map(
      notes.map((note) => {
        const [id, home, idThere] = JSON.parse(note) as [string, string, string];
        return [id, { queue: home, id: idThere }];
      }),
    );
    const copies = await copyDead(broker, queue, await findDead(broker, queue, [...places.keys()]));
    for (const together of Map.groupBy(copies, ({ id }) => places.get(id)!.queue).values()) {
      await moveDead(
        broker,
        together.map((from) => ({ from, to: places.get(from.id)! })),
      );
    }
    await redis.call('LTRIM', list, notes.length, -1);
  }
}

interface Move {
  from: DeadLetterCopy;
  to: { queue: string; id: string };
}

/** Moves dead letters from one queue to another one. @returns those that it did */
async function moveDead(broker: Broker, moves: readonly Move[]): Promise<Move[]> {
  const [first] = moves;
  if (!first) return [];
  const outcomes = await importDead(
    broker,
    first.to.queue,
    moves.map(({ from, to }) => ({ ...from, ...to })),
  );
  const moved: Move[] = [];
  for (const move of moves.filter((_move, index) => outcomes[index] !== 'taken')) {
    const { from, to } = move;
    // Somebody else may have replayed it meanwhile: then the copy is one too many.
    if ((await removeDead(broker, from.queue, [from])) === 1) moved.push(move);
    else await removeDead(broker, to.queue, [{ id: to.id, score: from.score }]);
  }
  return moved;
}

/** What belongs to a flow stays with it. */
const canMove = (fields: Record<string, string>): boolean => fields.parentKey === undefined;

/** BullMQ's own numbers are those of one queue. */
const movedId = ({ queue, id }: DeadLetterCopy): string => (/^\d+$/.test(id) ? `${queue}-${id}` : id);
