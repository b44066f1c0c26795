import { countInFlight, type Evidence, type HandlerRun, runsByKey } from './evidence.ts';
import type { Line } from './ledger.ts';
import type { FoundJob } from './scan.ts';
import { mostInASecond } from './trouble-lines.ts';

/**
 * What a run comes to, in the words of Jepsen's total queue where it has some. Jobs are named by their keys, so that a
 * count that is wrong can be looked into.
 */
export interface Counts {
  tried: number;
  acknowledged: number;
  /** Tried by a producer that was killed, and by nobody since. */
  givenUp: number;
  /** Acknowledged, but its work was never done and no set has it to do: gone, or completed without having run. */
  lost: string[];
  /** Acknowledged, and still not at its end when there was time enough. */
  unfinished: string[];
  /** Tried, never acknowledged, yet it ran: allowed. */
  recovered: string[];
  /** It ran, or is there, and was never tried. */
  unexpected: string[];
  /** Started before it was due. */
  early: string[];
  /** Starts beyond the first and beyond those that the handler's own failures ask for; a key stands once for each. */
  duplicated: string[];
  /** How many of those the jobs in flight at the faults allow. */
  duplicatesAllowed: number;
  /** Those that the job's own presence at the faults does not explain. */
  unexplained: string[];
  /** Dead though its handler has neither failed as often as it may nor asked for it. */
  phantomDead: string[];
  /** Two runs of one job were alive at the same time. */
  overlap: string[];
  /** Attempts used that the handler has not failed: crashes, deploys and lost answers must not cost any. */
  charged: string[];
  /** Completed jobs whose effect has been recorded exactly once, … */
  effects: number;
  /** … and those of which that cannot be said. */
  wrongEffects: string[];
  /** Jobs that stand in several sets, twice or under another id under one key, in a set without being there, or nowhere though they ran. */
  misplaced: string[];
  /** The most errors and warnings that one worker wrote within a second. */
  troubles: number;
}

/** How dying and starting again goes for the types that do not fail by their own hand. */
const TYPES: Record<string, { mayDie(job: FoundJob, starts: number): boolean; starts(maxAttempts: number): number }> = {
  hang: { mayDie: diedOfTimeouts, starts: (maxAttempts) => maxAttempts },
  spin: { mayDie: diedOfTimeouts, starts: (maxAttempts) => maxAttempts },
  // How many crashes make a poison job is for its row to say.
  poison: { mayDie: (job, starts) => starts >= 2 && job.error !== null, starts: () => Infinity },
};

function diedOfTimeouts({ error, maxAttempts }: FoundJob, starts: number): boolean {
  return starts >= maxAttempts && /timed out/i.test(error ?? '');
}

/** Makes the counts. */
export function count(evidence: Evidence): Counts {
  const { produced, effects, jobs } = evidence;
  const runs = runsByKey(evidence.handled);
  // A job may be tried again, by a producer that was started anew.
  const tries = produced.filter(({ fact }) => fact === 'try').toReversed();
  const triedAt = new Map(tries.map(({ key, at }) => [key, at]));
  const tried = new Set(triedAt.keys());
  const acknowledged = new Set(produced.filter(({ fact }) => fact === 'ack').map(({ key }) => key));
  const jobByKey = new Map(jobs.map((job) => [job.key, job]));
  const runsOf = (key: string): readonly HandlerRun[] => runs.get(key) ?? [];
  const hasEnded = (key: string): boolean => runsOf(key).some(({ end }) => end?.fact === 'end');
  const isIn = (key: string, ...states: FoundJob['states']): boolean =>
    jobByKey.get(key)?.states.some((state) => states.includes(state)) ?? false;

  const inFlight = countInFlight(evidence);
  const duplicated = [...runs].flatMap(([key, runs]) => repeats(key, runs, jobByKey.get(key)?.maxAttempts ?? 1));
  const completed = jobs.filter(({ states }) => states.includes('completed'));
  const effectsOf = Map.groupBy(effects, ({ key }) => key);
  const wrongEffects = completed.filter((job) => !hasOneEffect(job, effectsOf.get(job.key) ?? []));

  return {
    tried: tried.size,
    acknowledged: acknowledged.size,
    givenUp: produced.filter(({ fact }) => fact === 'gone').length,
    lost: [...acknowledged].filter((key) => !hasEnded(key) && (!jobByKey.has(key) || isIn(key, 'completed'))),
    unfinished: [...acknowledged].filter((key) => jobByKey.has(key) && !isIn(key, 'completed', 'failed')),
    recovered: [...runs.keys()].filter((key) => tried.has(key) && !acknowledged.has(key)),
    unexpected: [...new Set([...runs.keys(), ...jobs.map(({ key }) => key)])].filter((key) => !tried.has(key)),
    early: jobs.filter((job) => isEarly(job, triedAt.get(job.key), runsOf(job.key))).map(({ key }) => key),
    duplicated,
    duplicatesAllowed: [...inFlight.values()].reduce((sum, times) => sum + times, 0),
    unexplained: [...Map.groupBy(duplicated, (key) => key)].flatMap(([key, times]) =>
      times.slice(inFlight.get(key) ?? 0),
    ),
    phantomDead: jobs
      .filter((job) => job.states.includes('failed') && !mayBeDead(job, runsOf(job.key)))
      .map(({ key }) => key),
    overlap: [...runs].filter(([, runs]) => overlaps(runs)).map(([key]) => key),
    charged: jobs.flatMap((job) => Array<string>(chargedAttempts(job, runsOf(job.key))).fill(job.key)),
    effects: completed.length - wrongEffects.length,
    wrongEffects: wrongEffects.map(({ key }) => key),
    misplaced: [
      ...jobs.filter((job) => job.states.length !== 1 || jobByKey.get(job.key) !== job).map(({ id }) => id),
      ...[...acknowledged].filter((key) => hasEnded(key) && !jobByKey.has(key)),
      ...produced
        .filter((line) => line.fact === 'ack' && line.id !== (jobByKey.get(line.key)?.id ?? line.id))
        .map(({ key }) => key),
    ],
    troubles: Math.max(0, ...evidence.troubles.map(mostInASecond)),
  };
}

const ownFailures = (runs: readonly HandlerRun[]): number => runs.filter(({ end }) => end?.fact === 'failure').length;

/** The key, once for every start that nothing asked for. */
function repeats(key: string, runs: readonly HandlerRun[], maxAttempts: number): string[] {
  let owed = TYPES[runs[0]!.type]?.starts(maxAttempts) ?? 1;
  const repeated: string[] = [];
  for (const [index, { end }] of runs.entries()) {
    if (owed > 0) owed -= 1;
    else repeated.push(key);
    if (end?.fact === 'failure' && ownFailures(runs.slice(0, index + 1)) < maxAttempts) owed += 1;
  }
  return repeated;
}

const mayBeDead = (job: FoundJob, runs: readonly HandlerRun[]): boolean =>
  TYPES[job.type]?.mayDie(job, runs.length) ?? ownFailures(runs) >= job.maxAttempts;

/** On a busy machine the time of Redis is known no better. */
const CLOCK_GRAIN_MS = 100;

/** It was tried before it was stored, and it is from then on that it was to wait. */
function isEarly({ delayMs }: FoundJob, triedAt: number | undefined, [first]: readonly HandlerRun[]): boolean {
  return first !== undefined && triedAt !== undefined && first.startedAt < triedAt + delayMs - CLOCK_GRAIN_MS;
}

/** BullMQ counts the attempt that completes the job too. */
function chargedAttempts(job: FoundJob, runs: readonly HandlerRun[]): number {
  if (TYPES[job.type]) return 0;
  const earned = ownFailures(runs) + (job.states.includes('completed') ? 1 : 0);
  return Math.max(0, job.attemptsMade - earned);
}

/** Whether a run had not ended when a later one of the same job began, and went on. */
function overlaps(runs: readonly HandlerRun[]): boolean {
  return runs.some((run, index) => {
    const next = runs[index + 1];
    return next !== undefined && run.end !== undefined && run.end.index > next.startIndex;
  });
}

/**
 * Whether every run saw the same recorded value, and Redis holds that value too. The function of `once` may run more than
 * once, but each time after the first it must be told that an earlier one is uncertain, and its fence must be higher.
 */
function hasOneEffect(job: FoundJob, lines: readonly Line<'effects'>[]): boolean {
  const values = new Set([
    ...lines.filter(({ fact }) => fact === 'recorded').map(({ value }) => value),
    job.recordedValue,
    job.returnedValue,
  ]);
  // A run that was stopped for a while may come to it after a later one: the fence is what orders them.
  const inflicted = lines
    .filter((line) => line.fact === 'effect')
    .toSorted((a, b) => Number(a.fence) - Number(b.fence));
  const areWarned = inflicted.every(
    ({ uncertain, fence }, index) => index === 0 || (uncertain === 'true' && fence !== inflicted[index - 1]!.fence),
  );
  const [value] = values;
  return values.size === 1 && areWarned && inflicted.some((line) => line.value === value);
}
