import fs from 'node:fs';
import { messageOf } from '../../src/errors.ts';
import { Arena } from './arena.ts';
import { count, type Counts } from './count.ts';
import type { Evidence } from './evidence.ts';
import type { Fault, Length } from './fault.ts';
import { ORDINARY_MIX } from './job-plan.ts';
import { judgeCounts, judgeRecovery } from './judge.ts';
import { buildPrevious } from './previous-build.ts';
import { measureRecovery } from './recovery.ts';

export interface RunOptions {
  /** With the name of the fault, this decides everything that is left to chance. */
  seed: string;
  length: Length;
  /** How many jobs; without it, as many as suit the length. */
  jobs?: number | undefined;
  /** The built `jq.cjs`. */
  program: string;
  /** The commit of the build before this one; without it, that before the last change. */
  previous?: string | undefined;
  /** Keeps the ledgers and logs also when all holds. */
  keep?: boolean;
  /** Ends the run: it rejects with the reason when everything has been ended, and nothing of it may be used then. */
  signal?: AbortSignal;
}

export interface Outcome {
  fault: Fault;
  /** Why it was not tried. */
  skipped?: string;
  counts?: Counts;
  /** How often it was inflicted; none of a fault that may have no effect at all, or that jobs bring about themselves. */
  strikes?: number;
  recoveryMs?: number | undefined;
  /** What does not hold, in words: none may be left. */
  wrong: string[];
  /** Recovered, but too late. */
  late: string[];
  /** What is left to look into: ledgers and logs. */
  folder?: string;
}

const JOBS: Record<Length, number> = { short: 300, normal: 1000, long: 5000 };
/** More jobs than 100 a second make in this time come faster. */
const LONGEST_PRODUCTION_S = 300;
/** A vanished worker's jobs run again within 30 s, and then they must still run. */
const SETTLE_MS = 50_000;

/** Tries one fault: it runs jobs, inflicts it, waits until all is over, and counts. */
export async function runFault(fault: Fault, options: RunOptions): Promise<Outcome> {
  const { seed, length, program } = options;
  const skipped = fault.skip?.();
  if (skipped !== undefined) return { fault, skipped, wrong: [], late: [] };
  const previous = fault.isMixed ? await tryPrevious(options.previous) : undefined;
  if (typeof previous === 'string') return { fault, skipped: previous, wrong: [], late: [] };

  const times = fault.times[length];
  const jobs = options.jobs ?? fault.jobs ?? JOBS[length];
  const arena = new Arena({
    programs: previous ? [program, previous.program] : [program],
    plan: {
      seed: `${seed} ${fault.name}`,
      jobs,
      perSecond: Math.max(100, jobs / LONGEST_PRODUCTION_S),
      mix: fault.mix ?? ORDINARY_MIX,
      distractedMs: fault.leavesPendingMs,
      ...(fault.among && { among: { [fault.among]: times } }),
    },
    workers: fault.workers ?? 2,
    flags: fault.flags ?? [],
    producer: fault.producer ?? 'library',
    hasClocks: fault.hasClocks ?? false,
    prepare: fault.prepare,
    openFleet: fault.openFleet,
    env: fault.env,
  });
  const outcome: Outcome = { fault, wrong: [], late: [] };
  const over = new AbortController();
  try {
    const evidence = await Promise.race([
      tryIn(arena, fault, times, outcome.wrong),
      whenAborted(options.signal, over.signal),
    ]);
    outcome.counts = count(evidence);
    outcome.strikes = evidence.strikes.length;
    outcome.wrong.push(...judgeCounts(outcome.counts, fault));
    if (fault.leavesPendingMs && outcome.counts.recovered.length === 0)
      outcome.wrong.push('nothing was recovered: this proves nothing');
    if (fault.recovery) {
      outcome.recoveryMs = measureRecovery(fault.recovery.of, evidence);
      if (outcome.recoveryMs === undefined) outcome.wrong.push('nothing had to recover: this proves nothing');
      else outcome.late.push(...judgeRecovery(outcome.recoveryMs, fault.recovery));
    }
  } catch (error) {
    if (options.signal?.aborted) throw error;
    outcome.wrong.push(messageOf(error));
  } finally {
    over.abort();
    const left = await arena.close({ keep: options.keep || outcome.wrong.length > 0 });
    if (left.length > 0) outcome.wrong.push(`${left.length} processes lived on when what had started them was gone`);
    if (fs.existsSync(arena.folder)) outcome.folder = arena.folder;
    if (previous) fs.rmSync(previous.folder, { recursive: true, force: true });
  }
  return outcome;
}

async function tryIn(arena: Arena, fault: Fault, times: number, wrong: string[]): Promise<Evidence> {
  await arena.open();
  arena.produce();
  try {
    wrong.push(...(await fault.inflict(arena, times)));
    await arena.untilProduced(1);
    if (!(await arena.untilSettled(SETTLE_MS)))
      wrong.push(`not all jobs had ended ${SETTLE_MS / 1000} s after the faults`);
  } catch (error) {
    // What can be counted is counted nevertheless.
    wrong.push(messageOf(error));
  }
  return arena.collect();
}

/** @param over ends the listening */
function whenAborted(signal: AbortSignal | undefined, over: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason as Error), { signal: over });
  });
}

async function tryPrevious(commit: string | undefined): Promise<ReturnType<typeof buildPrevious> | string> {
  try {
    return buildPrevious(commit);
  } catch (error) {
    return `the build before this one cannot be made: ${messageOf(error).split('\n', 1)[0]}`;
  }
}
