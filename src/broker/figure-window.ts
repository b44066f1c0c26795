import type { Broker } from './broker.ts';
import { addBucket, type Bucket, decodeBucket, readBuckets } from './bucket.ts';
import { addFigures, BUCKET_MS, bucketOf, type Figures, figuresOf } from './figures.ts';
import { type Argument, type Reply, type ReplyError, unwrap } from './redis.ts';
import { BEAT_MS } from './worker-records.ts';

/** The figures of one queue in the buckets of the window; the same object as long as nothing in them has changed. */
export interface QueueFigures {
  /** Oldest first; the last one is not at its end. */
  buckets: readonly Bucket[];
  /** When each of them began (epoch ms). */
  starts: readonly number[];
  /** The sum of all of them, by type. */
  byType: ReadonlyMap<string, Figures>;
}

/** The last buckets of queues, for who looks at them again and again. */
export interface FigureWindow {
  /** Commands that read what may have changed since the last time; `take` makes figures of their replies. */
  plan(queues: readonly string[], at: number): { commands: Argument[][]; take(replies: Replies): Figured };
}
type Replies = readonly (Reply | ReplyError)[];
type Figured = Map<string, QueueFigures>;

/** How long after its end a bucket may still change: workers write with their beats, and a busy Redis answers late. */
const SETTLING_MS = 2.5 * BEAT_MS;
/** Reading more often than is written finds nothing new. */
const REREAD_MS = 0.9 * BEAT_MS;

interface Kept {
  bucket: Bucket;
  readAt: number;
  settled: boolean;
}

/** @param length how many buckets it is wide */
export function createFigureWindow({ keys }: Pick<Broker, 'keys'>, length: number): FigureWindow {
  let known = new Map<string, KeptQueue>();
  return {
    plan(queues, at) {
      const last = bucketOf(at);
      const starts = Array.from({ length }, (_, index) => last - (length - 1 - index) * BUCKET_MS);
      known = new Map(queues.map((queue) => [queue, known.get(queue) ?? createKeptQueue()]));
      const wanted = queues.map((queue) => known.get(queue)!.wanted(starts, at));
      return {
        commands: readBuckets(
          { keys },
          queues.flatMap((queue, index) => wanted[index]!.map((start) => ({ queue, start }))),
        ),
        take([loaded, ...replies]) {
          unwrap(loaded);
          let next = 0;
          return new Map(
            queues.map((queue, index) => {
              const mine = replies.slice(next, (next += wanted[index]!.length));
              return [queue, known.get(queue)!.take(starts, wanted[index]!, mine, at)];
            }),
          );
        },
      };
    },
  };
}

type KeptQueue = ReturnType<typeof createKeptQueue>;

/** Buckets that are settled never change: they are read once, and added up when the window moves on. */
function createKeptQueue() {
  let kept = new Map<number, Kept>();
  let settled = { of: '', byType: new Map<string, Figures>() };
  let figures: QueueFigures | undefined;

  const isStale = (bucket: Kept | undefined, at: number): boolean =>
    !bucket || (!bucket.settled && Math.abs(at - bucket.readAt) >= REREAD_MS);

  function addUp(buckets: readonly Kept[], from: number): ReadonlyMap<string, Figures> {
    const [done, open] = [buckets.filter((each) => each.settled), buckets.filter((each) => !each.settled)];
    const of = `${from} ${done.length}`;
    if (settled.of !== of) {
      settled = { of, byType: new Map() };
      for (const { bucket } of done) addBucket(settled.byType, bucket);
    }
    const sum = new Map<string, Figures>();
    for (const [type, each] of settled.byType) addFigures(figuresOf(sum, type), each);
    for (const { bucket } of open) addBucket(sum, bucket);
    return sum;
  }

  return {
    /** Which of the buckets have to be read. */
    wanted: (starts: readonly number[], at: number) => starts.filter((start) => isStale(kept.get(start), at)),
    take(starts: readonly number[], wanted: readonly number[], replies: Replies, at: number): QueueFigures {
      for (const [index, start] of wanted.entries()) {
        const bucket = decodeBucket(unwrap<string>(replies[index]));
        kept.set(start, { bucket, readAt: at, settled: at >= start + BUCKET_MS + SETTLING_MS });
      }
      if (figures && wanted.length === 0 && figures.starts[0] === starts[0]) return figures;
      const inside = starts.map((start) => kept.get(start)!);
      kept = new Map(starts.map((start, index) => [start, inside[index]!]));
      const buckets = inside.map(({ bucket }) => bucket);
      return (figures = { buckets, starts, byType: addUp(inside, starts[0]!) });
    },
  };
}
