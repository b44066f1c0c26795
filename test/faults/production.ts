import { followLedger, type LedgerWriter, openLedger } from './ledger.ts';
import { type JobPlan, type PlannedJob, planJobs } from './job-plan.ts';

/** What a producer has to do, and where it writes down what it did. */
export interface Production {
  plan: JobPlan;
  /** Those of the plan that are neither acknowledged nor given up. */
  jobs: PlannedJob[];
  /** On disk when the call returns. */
  ledger: LedgerWriter<'produced'>;
}

/**
 * Takes up a plan, from the arguments of the program: the folder of the ledgers, and the plan as JSON. Of the jobs that a
 * producer before it had tried when it was killed, every other one is given up for good, as by a caller that is gone; the
 * rest is tried again with the same keys.
 */
export function openProduction([folder, plan]: readonly string[]): Production {
  const before = followLedger(folder!, 'produced')();
  const ledger = openLedger(folder!, 'produced', { sync: true });
  const planned = JSON.parse(plan!) as JobPlan;
  const keysOf = (...facts: string[]) => new Set(before.flatMap(({ fact, key }) => (facts.includes(fact) ? key : [])));
  const [tried, settled] = [keysOf('try'), keysOf('ack', 'gone')];
  const pending = [...tried].filter((key) => !settled.has(key));
  const gone = new Set(pending.filter((_key, index) => index % 2 === 0));
  for (const key of gone) ledger({ fact: 'gone', key, at: Date.now() });
  return { plan: planned, jobs: planJobs(planned).filter(({ key }) => !settled.has(key) && !gone.has(key)), ledger };
}

/** What a job is asked for with. What is delayed must not come too late either. */
export const optionsOf = ({ delayMs }: PlannedJob): { delay?: number; expiresIn?: '10m' } =>
  delayMs === 0 ? {} : { delay: delayMs, expiresIn: '10m' };

/** What its handler gets. */
export const payloadOf = ({ key, workMs, delayMs }: PlannedJob) => ({ key, workMs, delayMs });
