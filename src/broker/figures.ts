import { addTo, type Histogram } from '../lib/histogram.ts';
import type { Broker } from './broker.ts';
import { ReplyError, toObject } from './redis.ts';

/** Length of one bucket. */
export const BUCKET_MS = 10_000;
const KEPT_S = 3600;

/** What workers write down of the attempts that ended in ten seconds, per queue and type. */
export interface Figures {
  ok: number;
  failed: number;
  /** Run time and, of first attempts, time from due to start; bins as in lib/histogram. */
  run: Histogram;
  wait: Histogram;
}

export const emptyFigures = (): Figures => ({ ok: 0, failed: 0, run: new Map(), wait: new Map() });

export const bucketOf = (ms: number): number => ms - (ms % BUCKET_MS);

/**
 * Commands that add figures to a bucket. Its fields are `ok:<type>`, `failed:<type>`, `run:<bin>:<type>`,
 * `wait:<bin>:<type>`: sums, so that any number of workers write to the same one.
 */
export function writeFigures(
  { keys }: Pick<Broker, 'keys'>,
  queue: string,
  start: number,
  byType: Map<string, Figures>,
): (string | number)[][] {
  const key = keys.bucket(queue, start);
  const fields = [...byType].flatMap(([type, { ok, failed, run, wait }]) => [
    [`ok:${type}`, ok] as const,
    [`failed:${type}`, failed] as const,
    ...[...run].map(([bin, amount]) => [`run:${bin}:${type}`, amount] as const),
    ...[...wait].map(([bin, amount]) => [`wait:${bin}:${type}`, amount] as const),
  ]);
  const changes = fields.filter(([, amount]) => amount > 0).map(([field, amount]) => ['HINCRBY', key, field, amount]);
  return changes.length === 0 ? [] : [...changes, ['EXPIRE', key, KEPT_S]];
}

/** The figures of a queue over all its types, one for each bucket, in one round trip for all queues. */
export async function readFigures(
  { redis, keys }: Broker,
  queues: readonly string[],
  starts: readonly number[],
): Promise<Map<string, Figures[]>> {
  const replies = await redis.pipeline(
    queues.flatMap((queue) => starts.map((start) => ['HGETALL', keys.bucket(queue, start)])),
  );
  return new Map(
    queues.map((queue, row) => [
      queue,
      starts.map((_start, column) => {
        const reply = replies[row * starts.length + column]!;
        return reply instanceof ReplyError ? emptyFigures() : decode(toObject(reply));
      }),
    ]),
  );
}

function decode(fields: Record<string, string>): Figures {
  const figures = emptyFigures();
  for (const [field, amount] of Object.entries(fields)) {
    const [kind, bin] = field.split(':', 2);
    if (kind === 'ok' || kind === 'failed') figures[kind] += Number(amount);
    if (kind === 'run' || kind === 'wait') addTo(figures[kind], Number(bin), Number(amount));
  }
  return figures;
}
