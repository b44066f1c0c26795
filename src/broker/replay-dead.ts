import type { Broker } from './broker.ts';
import { DEAD_BATCH } from './dead-letters.ts';
import type { QueuePart } from './keys.ts';
import { runScript } from './script.ts';
import { REPLAY_DEAD, REPLAY_PAGE } from './scripts/replay-dead.ts';
import { UNDO_REPLAY } from './scripts/undo-replay.ts';

/** What a replay changes of what it puts back. */
export interface ReplayChange {
  /** The queue that they go to, instead of their own. */
  to?: string | undefined;
  /** New payloads as JSON, one for each id. */
  payloads?: readonly string[] | undefined;
}

/** Where letters died that were brought to the queue in which they are to wait. */
export interface Home {
  queue: string;
  /** What they were called there, by what they are called here, where that differs. */
  ids: Readonly<Record<string, string>>;
}

/** Puts dead letters back to wait; see {@link REPLAY_DEAD}. @returns how many it did */
export async function replayDead(
  broker: Broker,
  queue: string,
  ids: readonly string[],
  batch: string,
  { to = queue, payloads, home }: ReplayChange & { home?: Home } = {},
): Promise<number> {
  const where = home ? JSON.stringify(home) : '';
  let done = 0;
  for (let start = 0; start < ids.length;) {
    const rest = ids.slice(start);
    const words = payloads
      ? ['payloads', ...rest.flatMap((id, index) => [id, payloads[start + index]!])]
      : ['ids', ...rest];
    const reply = await runScript(broker.redis, REPLAY_DEAD, [...stemOf(broker, queue, to), batch, where, ...words]);
    const [moved, looked] = reply as [number, number];
    done += moved;
    start += looked;
  }
  return done;
}

/**
 * Puts the dead letters of a queue back to wait that died within `[since, until]` (epoch ms), of one type or all, the
 * oldest first; see {@link REPLAY_PAGE}.
 * @returns in steps, how many each call did
 */
export async function* replayAllDead(
  broker: Broker,
  queue: string,
  batch: string,
  { type = '', since, until }: { type?: string | undefined; since: number; until: number },
): AsyncGenerator<number> {
  for (let [score, id] = ['', '']; ;) {
    const page = [type, since, until, score, id, DEAD_BATCH];
    const reply = await runScript(broker.redis, REPLAY_PAGE, [...stemOf(broker, queue, queue), batch, ...page]);
    const [moved, ...last] = reply as [number, string?, string?];
    const [lastScore, lastId] = last;
    if (lastScore === undefined || lastId === undefined) return;
    yield moved;
    [score, id] = [lastScore, lastId];
  }
}

const TARGET_PARTS = ['wait', 'prioritized', 'pc', 'marker', 'meta', 'events', 'active', 'paused'] as const;

/** What both scripts begin with. */
const stemOf = ({ keys }: Broker, queue: string, to: string): string[] => [
  keys.queue(queue, 'failed'),
  ...TARGET_PARTS.map((part) => keys.queue(to, part)),
  keys.queue(queue, ''),
  keys.queue(to, ''),
  keys.once(queue, ''),
  keys.once(to, ''),
];

/** Jobs that are looked at in one call: counting them is quicker. */
const COUNT_SLICE = 500;
const UNDO_SLICE = 200;
const WAITING_PARTS = ['prioritized', 'wait', 'paused'] as const satisfies readonly QueuePart[];

/**
 * Makes those of a replay dead again that wait and were not started since; see {@link UNDO_REPLAY}. `bringHome` does the rest.
 * @returns in steps, how many each call did; with `countOnly` how many it would have done
 */
export async function* undoReplay(
  { redis, keys }: Broker,
  queue: string,
  batch: string,
  { countOnly }: { countOnly: boolean },
): AsyncGenerator<number> {
  const [stem, once] = [keys.queue(queue, ''), keys.once(queue, '')];
  const size = countOnly ? COUNT_SLICE : UNDO_SLICE;
  for (const part of WAITING_PARTS) {
    const places = [part, 'failed', 'events', 'meta'] as const;
    for (let from = 0; ;) {
      const slice = [keys.homeward(queue, batch), stem, once, batch, from, size, countOnly ? 1 : 0];
      const reply = await runScript(redis, UNDO_REPLAY, [...places.map((each) => keys.queue(queue, each)), ...slice]);
      const [seen, undone] = reply as [number, number];
      if (seen === 0) break;
      if (undone > 0) yield undone;
      from += countOnly ? seen : seen - undone;
    }
  }
}
