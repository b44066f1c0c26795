import type { Line } from './ledger.ts';
import type { FoundJob } from './scan.ts';

/** Everything that is known of a run when it is over. The counts are made of this and of nothing else. */
export interface Evidence {
  produced: readonly Line<'produced'>[];
  handled: readonly Line<'handled'>[];
  effects: readonly Line<'effects'>[];
  /** What Redis holds. */
  jobs: readonly FoundJob[];
  strikes: readonly Strike[];
  /** Of each worker: when it wrote an error or a warning (epoch ms). */
  troubles: readonly (readonly number[])[];
}

/** One fault as it was inflicted. */
export interface Strike {
  /** When it began and when it was over (epoch ms). */
  at: number;
  overAt: number;
  /** Ids of the jobs that were active in Redis around it: they, and those whose runs were under way, may run once more. */
  inFlight: readonly string[];
  /** The processes that it hit, when it hit no others: only their jobs may. */
  pids?: readonly number[];
}

/** One start of a handler, and what became of it. */
export interface HandlerRun {
  run: string;
  key: string;
  type: string;
  pid: number;
  startedAt: number;
  /** Its place among all lines. */
  startIndex: number;
  /** How it ended; without one it was killed, hangs, or has been left to itself. */
  end?: { fact: 'end' | 'failure' | 'abort' | 'letdown'; at: number; index: number };
}

/** The runs of each job, in the order of their starts. */
export function runsByKey(handled: Evidence['handled']): Map<string, HandlerRun[]> {
  const byRun = new Map<string, HandlerRun>();
  const byKey = new Map<string, HandlerRun[]>();
  for (const [index, line] of handled.entries()) {
    if (line.fact === 'start') {
      const { run, key, type, at } = line;
      const started = { run, key, type, pid: Number(line.pid), startedAt: at, startIndex: index };
      byRun.set(run, started);
      byKey.set(key, [...(byKey.get(key) ?? []), started]);
    } else {
      const run = byRun.get(line.run);
      if (!run || run.end) throw new Error(`The ledger has an end without a start: ${line.fact} ${line.key}`);
      run.end = { fact: line.fact, at: line.at, index };
    }
  }
  return byKey;
}

/** How often each job was in flight when a strike hit: as often it may run once more. */
export function countInFlight({ strikes, jobs, handled }: Evidence): Map<string, number> {
  const keyOf = new Map(jobs.map(({ id, key }) => [id, key]));
  const runs = runsByKey(handled);
  const counts = new Map<string, number>();
  const add = (key: string) => counts.set(key, (counts.get(key) ?? 0) + 1);
  for (const strike of strikes) {
    const active = strike.inFlight.flatMap((id) => keyOf.get(id) ?? []);
    const underWay = [...runs].filter(([, runs]) => wereUnderWay(runs, strike)).map(([key]) => key);
    for (const key of new Set([...active, ...underWay])) {
      if (!strike.pids || runs.get(key)?.some((run) => ranIn(strike.pids!, run, strike.overAt))) add(key);
    }
  }
  for (const key of neighboursOfKillers(runs)) add(key);
  return counts;
}

/** Redis may not know it any more when it is asked: a job whose run the strike ended waits again soon after. */
function wereUnderWay(runs: readonly HandlerRun[], { at, overAt }: Strike): boolean {
  return runs.some(({ startedAt, end }, index) => {
    const endedAt = end?.at ?? runs[index + 1]?.startedAt ?? Infinity;
    return startedAt <= overAt && endedAt >= at;
  });
}

/** A job that had been fetched may have begun a little later than the strike. */
const ranIn = (pids: readonly number[], { pid, startedAt }: HandlerRun, overAt: number): boolean =>
  pids.includes(pid) && startedAt <= overAt + 1000;

/** Jobs of these types end their process or hold its thread: each start is a strike of its own against that process. */
const KILLERS = new Set(['spin', 'poison']);
/** A job whose handler has ended is still in flight until its result is stored. */
const STORING_MS = 200;

/** The jobs that were in a process when another job brought it down, once for each time. */
function neighboursOfKillers(runs: ReadonlyMap<string, readonly HandlerRun[]>): string[] {
  const all = [...runs.values()].flat();
  const killers = all.filter(({ type }) => KILLERS.has(type));
  // Several killers in one process bring it down once.
  const firstByPid = new Map(killers.toReversed().map((killer) => [killer.pid, killer]));
  return all.flatMap(({ key, type, pid, end }) => {
    const killer = firstByPid.get(pid);
    if (!killer || KILLERS.has(type)) return [];
    return end === undefined || end.at > killer.startedAt - STORING_MS ? key : [];
  });
}
