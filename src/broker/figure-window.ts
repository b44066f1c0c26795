import type { Broker } from './broker.ts';
import { addBucket, type Bucket, decodeBucket, emptySums } from './bucket.ts';
import { BUCKET_MS, bucketOf, type Figures } from './figures.ts';
import { eachRead, readEach } from './read-each.ts';
import type { Argument, Reply, ReplyError } from './redis.ts';
import { READ_BUCKETS } from './scripts/read-buckets.ts';
import { BEAT_MS, REREAD_MS } from './worker-records.ts';

/**
 * The figures of one queue in the buckets of the window: the same object as long as none was read again. The sums go on
 * to change with the next ones.
 */
export interface QueueFigures {
  /** Oldest first; the last one is not at its end. */
  buckets: readonly Bucket[];
  /** When each of them began (epoch ms). */
  starts: readonly number[];
  /** When they were read. */
  at: number;
  /** The sum of all of them, by type. */
  byType: ReadonlyMap<string, Readonly<Figures>>;
  /** The same over all types. */
  all: Readonly<Figures>;
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

interface Kept {
  bucket: Bucket;
  /** What it was made of; not kept of one that does not change any more. */
  text: string;
  settled: boolean;
}

/** @param length how many buckets it is wide */
export function createFigureWindow(broker: Pick<Broker, 'keys' | 'target'>, length: number): FigureWindow {
  let known = new Map<string, KeptQueue>();
  let starts: readonly number[] = [];
  return {
    plan(queues, at) {
      const last = bucketOf(at);
      if (starts.at(-1) !== last)
        starts = Array.from({ length }, (_, index) => last - (length - 1 - index) * BUCKET_MS);
      known = new Map(queues.map((queue) => [queue, known.get(queue) ?? createKeptQueue()]));
      const wanted = queues.map((queue) => known.get(queue)!.wanted(starts, at));
      return {
        commands: readEach(
          broker,
          READ_BUCKETS,
          queues.flatMap((queue, index) => wanted[index]!.map((start) => broker.keys.bucket(queue, start))),
        ),
        take(replies) {
          const texts = eachRead<string>(replies);
          let next = 0;
          return new Map(
            queues.map((queue, index) => {
              const mine = texts.slice(next, (next += wanted[index]!.length));
              return [queue, known.get(queue)!.take(starts, wanted[index]!, mine, at)];
            }),
          );
        },
      };
    },
  };
}

type KeptQueue = ReturnType<typeof createKeptQueue>;

/** Buckets that are settled never change, and are read once. What comes is added to the sums, and what goes is taken away. */
function createKeptQueue() {
  const kept = new Map<number, Kept>();
  const sums = emptySums();
  let figures: QueueFigures | undefined;

  function keep(start: number, text: string, settled: boolean): void {
    const before = kept.get(start);
    const isSame = before?.text === text;
    const bucket = isSame ? before.bucket : decodeBucket(text);
    kept.set(start, { bucket, text: settled ? '' : text, settled });
    if (isSame) return;
    // First what comes: else types would go, and come back in another order.
    addBucket(sums, bucket);
    if (before) addBucket(sums, before.bucket, -1);
  }

  function forget(starts: readonly number[]): void {
    const [first, last] = [starts[0]!, starts.at(-1)!];
    for (const [start, { bucket }] of kept) {
      if (first <= start && start <= last) continue;
      addBucket(sums, bucket, -1);
      kept.delete(start);
    }
  }

  return {
    /** Which of the buckets have to be read. */
    wanted(starts: readonly number[], at: number): readonly number[] {
      const isFresh = figures?.starts === starts && Math.abs(at - figures.at) < REREAD_MS;
      return isFresh ? [] : starts.filter((start) => !kept.get(start)?.settled);
    },
    take(starts: readonly number[], wanted: readonly number[], texts: readonly string[], at: number): QueueFigures {
      if (figures && wanted.length === 0) return figures;
      for (const [index, start] of wanted.entries()) {
        keep(start, texts[index]!, at >= start + BUCKET_MS + SETTLING_MS);
      }
      if (figures?.starts !== starts) forget(starts);
      const buckets = starts.map((start) => kept.get(start)!.bucket);
      return (figures = { buckets, starts, at, byType: sums.byType, all: sums.all });
    },
  };
}
