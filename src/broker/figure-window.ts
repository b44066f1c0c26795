import type { Broker } from './broker.ts';
import { type Bucket, BUCKET_MS, bucketOf, decodeBucket, type Figures, mergeFigures } from './figures.ts';
import { type Argument, type Reply, ReplyError } from './redis.ts';

/** The figures of one queue in the buckets of the window. */
export interface QueueFigures {
  /** Oldest first; the last one is not at its end. */
  buckets: readonly Bucket[];
  /** When each of them began (epoch ms). */
  starts: readonly number[];
  /** The sum of all of them. */
  sum: ReadonlyMap<string, Figures>;
}

/** The last buckets of queues, for who looks at them again and again. */
export interface FigureWindow {
  /** Commands that read what may have changed since the last time; `take` makes figures of their replies. */
  plan(queues: readonly string[], at: number): { commands: Argument[][]; take(replies: Replies): Figured };
}
type Replies = readonly (Reply | ReplyError)[];
type Figured = Map<string, QueueFigures>;

/** How long after its end a bucket may still change: workers write every two seconds, and a busy Redis answers late. */
const SETTLING_MS = 5000;

const EMPTY: Bucket = { byType: new Map(), added: null };

interface Kept {
  bucket: Bucket;
  settled: boolean;
}

/** @param length how many buckets it is wide */
export function createFigureWindow({ keys }: Pick<Broker, 'keys'>, length: number): FigureWindow {
  // Buckets that are finished never change: they are read once, and added up when the window moves on.
  const kept = new Map<string, Map<number, Kept>>();
  const sums = new Map<string, { of: string; sum: Map<string, Figures> }>();

  function sumOf(queue: string, starts: readonly number[], buckets: ReadonlyMap<number, Kept>): Map<string, Figures> {
    const [settled, open] = [[], []] as [Kept[], Kept[]];
    for (const start of starts) (buckets.get(start)!.settled ? settled : open).push(buckets.get(start)!);
    const of = `${starts[0]} ${settled.length}`;
    let known = sums.get(queue);
    if (known?.of !== of) {
      known = { of, sum: new Map() };
      for (const { bucket } of settled) mergeFigures(known.sum, bucket.byType);
      sums.set(queue, known);
    }
    if (open.every(({ bucket }) => bucket.byType.size === 0)) return known.sum;
    const sum = new Map<string, Figures>();
    mergeFigures(sum, known.sum);
    for (const { bucket } of open) mergeFigures(sum, bucket.byType);
    return sum;
  }

  return {
    plan(queues, at) {
      const last = bucketOf(at);
      const starts = Array.from({ length }, (_, index) => last - (length - 1 - index) * BUCKET_MS);
      const wanted = queues.flatMap((queue) =>
        starts.filter((start) => !kept.get(queue)?.get(start)?.settled).map((start) => ({ queue, start })),
      );
      return {
        commands: wanted.map(({ queue, start }) => ['HGETALL', keys.bucket(queue, start)]),
        take(replies) {
          const before = new Map(kept);
          kept.clear();
          for (const queue of queues) {
            const known = before.get(queue);
            const inside = starts.flatMap((start) => (known?.has(start) ? [[start, known.get(start)!] as const] : []));
            kept.set(queue, new Map(inside));
          }
          for (const [index, { queue, start }] of wanted.entries()) {
            const reply = replies[index] ?? null;
            const bucket = reply instanceof ReplyError ? EMPTY : decodeBucket(reply);
            kept.get(queue)!.set(start, { bucket, settled: at >= start + BUCKET_MS + SETTLING_MS });
          }
          return new Map(
            queues.map((queue) => {
              const buckets = kept.get(queue)!;
              return [
                queue,
                {
                  buckets: starts.map((start) => buckets.get(start)!.bucket),
                  starts,
                  sum: sumOf(queue, starts, buckets),
                },
              ];
            }),
          );
        },
      };
    },
  };
}
