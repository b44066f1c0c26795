import type { Broker } from './broker.ts';
import type { Keys } from './keys.ts';
import { type Argument, type Reply, type ReplyError, unwrap } from './redis.ts';
import { COUNTS, type Totals } from './totals.ts';
import { REREAD_MS } from './worker-records.ts';

/** How many attempts at jobs of a queue ended how. */
export type Outcomes = Pick<Totals, (typeof COUNTS)[number]>;

/** Of the day, in UTC, and of all time. */
export interface QueueOutcomes {
  today: Outcomes;
  ever: Outcomes;
}

/** Who looks at midnight, by a clock of his own, finds both days. */
const KEPT_S = 2 * 86_400;

/** The day of a moment (epoch ms), in UTC: `2026-01-31`. */
const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

const fieldsOf = (queue: string): string[] => COUNTS.map((name) => `${name}:${queue}`);

/**
 * Commands that add to what became of the attempts of a day, and of all time. These are fields `completed:<queue>`,
 * `failed:<queue>` and `dead:<queue>` of a hash for each day, and of the one that has the totals.
 */
export function addOutcomes(keys: Keys, queue: string, at: number, outcomes: Outcomes): (string | number)[][] {
  const day = keys.day(dayOf(at));
  const changes = COUNTS.filter((name) => outcomes[name] > 0).flatMap((name) =>
    [day, keys.totals].map((key) => ['HINCRBY', key, `${name}:${queue}`, outcomes[name]]),
  );
  return changes.length === 0 ? [] : [...changes, ['EXPIRE', day, KEPT_S]];
}

/** For who looks at them again and again. */
export interface OutcomeWatch {
  /** Commands that read what may have changed since the last time; `take` keeps their replies. */
  plan(queues: readonly string[], at: number): { commands: Argument[][]; take(replies: Replies): void };
  /** Null when no worker has reported any. */
  of(queue: string): QueueOutcomes | null;
}
type Replies = readonly (Reply | ReplyError)[];

export function createOutcomeWatch({ keys }: Pick<Broker, 'keys'>): OutcomeWatch {
  let known = new Map<string, QueueOutcomes>();
  let readAt = -Infinity;
  return {
    plan(queues, at) {
      const fields = Math.abs(at - readAt) < REREAD_MS ? [] : queues.flatMap(fieldsOf);
      if (fields.length === 0) return { commands: [], take: () => {} };
      return {
        commands: [keys.day(dayOf(at)), keys.totals].map((key) => ['HMGET', key, ...fields]),
        take(replies) {
          const [today, ever] = replies.map((reply) => unwrap<(string | null)[]>(reply));
          readAt = at;
          known = new Map(
            queues.flatMap((queue, index) => {
              const from = index * COUNTS.length;
              const isNew = ever!.slice(from, from + COUNTS.length).every((count) => count === null);
              return isNew ? [] : [[queue, { today: outcomesAt(today!, from), ever: outcomesAt(ever!, from) }]];
            }),
          );
        },
      };
    },
    of: (queue) => known.get(queue) ?? null,
  };
}

const outcomesAt = (counts: readonly (string | null)[], from: number): Outcomes =>
  Object.fromEntries(COUNTS.map((name, index) => [name, Number(counts[from + index] ?? 0)])) as unknown as Outcomes;
