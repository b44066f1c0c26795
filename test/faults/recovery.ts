import { type Evidence, type HandlerRun, runsByKey, type Strike } from './evidence.ts';

/** What recovering means for a fault; each is the longest time that any strike took, in milliseconds. */
export const RECOVERIES = {
  /** From the strike until what it had cut short was started again. */
  restart: 'until cut-short jobs ran again',
  /** From the end of the fault until any job that was started after it had run to its end. */
  resume: 'until a job was done again',
  /** From the strike until all that was in flight had run to its end. */
  finish: 'until jobs in flight were done',
} as const;

export type Recovery = keyof typeof RECOVERIES;

/** @returns `undefined` when nothing had to recover */
export function measureRecovery(recovery: Recovery, evidence: Evidence): number | undefined {
  const times = MEASURES[recovery](evidence);
  return times.length === 0 ? undefined : Math.round(Math.max(...times));
}

const MEASURES: Record<Recovery, (evidence: Evidence) => number[]> = {
  restart({ handled, strikes }) {
    const runs = [...runsByKey(handled).values()];
    return strikes.flatMap((strike) =>
      runs.flatMap((runs) =>
        runs.flatMap((run, index) => {
          const next = runs[index + 1];
          return next && wasCutShort(run, next, strike) ? [next.startedAt - strike.at] : [];
        }),
      ),
    );
  },
  resume({ handled, strikes }) {
    const runs = [...runsByKey(handled).values()].flat();
    return strikes.flatMap(({ overAt }) => {
      const ends = runs.flatMap(({ startedAt, end }) => (startedAt >= overAt && end?.fact === 'end' ? end.at : []));
      return ends.length === 0 ? [] : [Math.min(...ends) - overAt];
    });
  },
  finish({ handled, strikes, jobs }) {
    const keyOf = new Map(jobs.map(({ id, key }) => [id, key]));
    const runs = runsByKey(handled);
    return strikes.flatMap(({ at, inFlight }) =>
      inFlight.flatMap((id) => {
        const last = runs.get(keyOf.get(id) ?? '')?.at(-1)?.end;
        return last && last.at >= at ? [last.at - at] : [];
      }),
    );
  },
};

/** Whether a strike is what kept a run from its end: it was under way then, and the job began anew without it. */
function wasCutShort(run: HandlerRun, next: HandlerRun, { at, overAt, pids }: Strike): boolean {
  if (!pids?.includes(run.pid) || run.startedAt > overAt || next.startedAt < at) return false;
  return run.end === undefined || run.end.fact === 'abort' || run.end.index > next.startIndex;
}
