import type { Arena, ArenaOptions } from './arena.ts';
import type { JobPlan, JobType } from './job-plan.ts';
import type { Recovery } from './recovery.ts';

/** How much of it: what `--length` says. */
export const LENGTHS = ['short', 'normal', 'long'] as const;
export type Length = (typeof LENGTHS)[number];

/** One fault: a row of the table. */
export interface Fault {
  name: string;
  /** What is done. */
  does: string;
  /** What must hold besides the counts that must hold for every fault. */
  expects: string;
  /** How often it is done; of jobs that do it themselves, how many there are. */
  times: Record<Length, number>;
  /** Of the ordinary jobs if not said otherwise. */
  mix?: JobPlan['mix'];
  /** So many jobs of this type are among them. */
  among?: JobType;
  /** Jobs, where the kind of job makes fewer enough. */
  jobs?: number;
  /** 2 if not said. */
  workers?: number;
  /** On top of those that every worker gets. */
  flags?: readonly string[];
  /** The workers take turns between this build and the one before it. */
  isMixed?: true;
  /** How jobs come in, if not from a program of ours. */
  producer?: 'http';
  /**
   * Some of what is tried is never noted as acknowledged, and runs nevertheless: the producer takes so many milliseconds for
   * it, since otherwise hardly any kill would find it there.
   */
  leavesPendingMs?: number;
  /** Each worker has a clock of its own, which can be set. */
  hasClocks?: true;
  /** Two runs of one job may be alive at a time. */
  mayOverlap?: true;
  /** Redis is away or refuses, and a worker may not say so again and again. */
  limitsLines?: true;
  /** Several Redis servers instead of one. */
  openFleet?: ArenaOptions['openFleet'];
  /** What workers and producers are told besides. */
  env?: ArenaOptions['env'];
  /** A server that lags behind becomes the master: what ran meanwhile may run again, knowing nothing of it. */
  mayForget?: true;
  /** What was acknowledged meanwhile may be gone, too: how much is counted, and not judged. */
  mayLose?: true;
  recovery?: { of: Recovery; withinMs: number };
  /** Why it cannot be tried here. */
  skip?(): string | undefined;
  /** Called with the folder of Redis before that starts; what it returns is called when all is over. */
  prepare?(redisFolder: string): () => void;
  /** Does it, while jobs are produced and run. @returns what was not as it must be, in words */
  inflict(arena: Arena, times: number): Promise<string[]>;
}

/** Inflicts something again and again, evenly over the jobs. */
export async function throughout(
  arena: Arena,
  times: number,
  inflict: (turn: number) => Promise<unknown>,
): Promise<void> {
  for (let turn = 1; turn <= times; turn += 1) {
    await arena.untilProduced(turn / (times + 1));
    await inflict(turn);
  }
}
