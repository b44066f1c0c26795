import { addAll, type Histogram } from '../lib/histogram.ts';
import type { Broker } from './broker.ts';
import { MARK_QUEUE } from './scripts/mark-queue.ts';

/** Length of one bucket. */
export const BUCKET_MS = 10_000;
/** Who looks again wants five minutes; spans tell of what was before. */
const KEPT_S = 900;

/** What workers write down of the attempts that ended in ten seconds, per queue and type. */
export interface Figures {
  ok: number;
  failed: number;
  /** Those of the failed after which the job was dead. */
  dead: number;
  /** Run time and, of first attempts, time from due to start; bins as in lib/histogram. */
  run: Histogram;
  wait: Histogram;
}

export const emptyFigures = (): Figures => ({ ok: 0, failed: 0, dead: 0, run: [], wait: [] });

export const bucketOf = (ms: number): number => ms - (ms % BUCKET_MS);

/**
 * Commands that add figures to a bucket. Its fields are `ok:<type>`, `failed:<type>`, `dead:<type>`, `run:<bin>:<type>`,
 * `wait:<bin>:<type>`: sums, so that any number of workers write to the same one; and see {@link MARK_QUEUE}.
 */
export function writeFigures(
  { keys, clock }: Pick<Broker, 'keys' | 'clock'>,
  queue: string,
  start: number,
  byType: Map<string, Figures>,
): (string | number)[][] {
  const key = keys.bucket(queue, start);
  const fields = [...byType].flatMap(([type, { ok, failed, dead, run, wait }]) => [
    [`ok:${type}`, ok] as const,
    [`failed:${type}`, failed] as const,
    [`dead:${type}`, dead] as const,
    ...run.map((amount, bin) => [`run:${bin}:${type}`, amount] as const),
    ...wait.map((amount, bin) => [`wait:${bin}:${type}`, amount] as const),
  ]);
  const changes = fields.filter(([, amount]) => amount > 0).map(([field, amount]) => ['HINCRBY', key, field, amount]);
  if (changes.length === 0) return [];
  const marked = (['id', 'wait', 'prioritized', 'paused'] as const).map((part) => keys.queue(queue, part));
  const mark = ['EVAL', MARK_QUEUE.source, MARK_QUEUE.keyCount, key, ...marked, clock.now()];
  return [...changes, mark, ['EXPIRE', key, KEPT_S]];
}

/** Those of a type, which are made when it has none. */
export function figuresOf(byType: Map<string, Figures>, type: string): Figures {
  let figures = byType.get(type);
  if (!figures) byType.set(type, (figures = emptyFigures()));
  return figures;
}

/** Adds figures to others, which are changed. */
export function addFigures(into: Figures, { ok, failed, dead, run, wait }: Figures): void {
  into.ok += ok;
  into.failed += failed;
  into.dead += dead;
  addAll(into.run, run);
  addAll(into.wait, wait);
}
