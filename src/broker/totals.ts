import type { Broker } from './broker.ts';
import type { Reply } from './redis.ts';
import { toObject } from './redis.ts';

/** Upper bounds of the bins, in seconds: what is longer is in the bin of `Infinity`. */
export const BOUNDS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200] as const;

/** How long something took, each time: counts by the upper bound of their bin, and the sum. */
export interface Spread {
  seconds: number;
  bins: Map<number, number>;
}

/** What became of all attempts at jobs of one queue and type since the beginning; it only ever grows. */
export interface Totals {
  completed: number;
  failed: number;
  /** Of the failed ones, those that were a job's last. */
  dead: number;
  run: Spread;
  /** Of first starts: how long the job was due by then. */
  wait: Spread;
}

export interface TotalsOf extends Totals {
  queue: string;
  type: string;
}

export const COUNTS = ['completed', 'failed', 'dead'] as const;
const SPREADS = ['run', 'wait'] as const;

export const emptyTotals = (): Totals => ({
  completed: 0,
  failed: 0,
  dead: 0,
  run: { seconds: 0, bins: new Map() },
  wait: { seconds: 0, bins: new Map() },
});

export function addDuration(spread: Spread, ms: number): void {
  spread.seconds += ms / 1000;
  addTo(spread, BOUNDS_S.find((bound) => ms <= bound * 1000) ?? Infinity);
}

/**
 * Commands that add to the totals, which are one hash for all queues: reading them is one command. Its fields are
 * `since`, `completed`, `failed`, `dead`, `run.us`, `wait.us`, `run.<bound>`, `wait.<bound>`, each followed by
 * `:<queue>:<type>`; beside them stand those of whole queues, see outcomes.ts. Nothing in it expires, so only types that
 * have a handler may get in.
 */
export function addTotals(
  { keys, clock }: Pick<Broker, 'keys' | 'clock'>,
  { queue, type, ...totals }: TotalsOf,
): (string | number)[][] {
  const amounts = [
    ...COUNTS.map((name) => [name, totals[name]] as const),
    ...SPREADS.flatMap((name) => [
      // Whole microseconds: sums of fractions would drift apart from what they are the sum of.
      [`${name}.us`, Math.round(totals[name].seconds * 1e6)] as const,
      ...[...totals[name].bins].map(([bound, amount]) => [`${name}.${bound}`, amount] as const),
    ]),
  ].filter(([, amount]) => amount > 0);
  return [
    ['HSETNX', keys.totals, `since:${queue}:${type}`, clock.now()],
    ...amounts.map(([name, amount]) => ['HINCRBY', keys.totals, `${name}:${queue}:${type}`, amount]),
  ];
}

/** The totals as HGETALL gives them, those that have been counted longest first. */
export function decodeTotals(reply: Reply): TotalsOf[] {
  const byPlace = new Map<string, { since: number; totals: TotalsOf }>();
  for (const [field, text] of Object.entries(toObject(reply))) {
    // A type may hold anything, also a colon.
    const [, name, queue, type] = /^([^:]+):([^:]+):(.*)$/s.exec(field) ?? [];
    if (name === undefined || queue === undefined || type === undefined) continue;
    const place = `${queue}:${type}`;
    const entry = byPlace.get(place) ?? { since: 0, totals: { queue, type, ...emptyTotals() } };
    byPlace.set(place, entry);
    if (name === 'since') entry.since = Number(text);
    else setFigure(entry.totals, name, Number(text));
  }
  return [...byPlace.values()].toSorted((a, b) => a.since - b.since).map(({ totals }) => totals);
}

function setFigure(totals: Totals, name: string, amount: number): void {
  const count = COUNTS.find((each) => each === name);
  if (count) totals[count] = amount;
  const spread = SPREADS.find((each) => name.startsWith(`${each}.`));
  if (!spread) return;
  const bound = name.slice(spread.length + 1);
  if (bound === 'us') totals[spread].seconds = amount / 1e6;
  else totals[spread].bins.set(Number(bound), amount);
}

/** Adds one to the other, which is changed. */
export function mergeTotals(into: Totals, from: Totals): void {
  for (const name of COUNTS) into[name] += from[name];
  for (const name of SPREADS) {
    into[name].seconds += from[name].seconds;
    for (const [bound, amount] of from[name].bins) addTo(into[name], bound, amount);
  }
}

function addTo({ bins }: Spread, bound: number, amount = 1): void {
  bins.set(bound, (bins.get(bound) ?? 0) + amount);
}
