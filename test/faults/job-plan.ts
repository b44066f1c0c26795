import { createRandom } from './random.ts';

/** The handlers of `project/handlers`. */
export type JobType =
  'quick' | 'slow' | 'long' | 'lasting' | 'later' | 'failing' | 'doomed' | 'hang' | 'spin' | 'poison';

export interface PlannedJob {
  /** Its idempotency key. */
  key: string;
  type: JobType;
  workMs: number;
  /** It is to start no sooner than so long after it was enqueued. */
  delayMs: number;
}

/** What a run enqueues; it goes to the producer as JSON. */
export interface JobPlan {
  seed: string;
  jobs: number;
  /** No more than these in a second, so that there is load for as long as faults are inflicted. */
  perSecond: number;
  /** How often each type is chosen. */
  mix: Partial<Record<JobType, number>>;
  /** How long the producer is busy with something else, in milliseconds, before it notes what was acknowledged. */
  distractedMs?: number | undefined;
  /** So many of these are among them besides, at places of chance. */
  among?: Partial<Record<JobType, number>>;
}

export const ORDINARY_MIX: JobPlan['mix'] = { quick: 50, slow: 35, later: 5, failing: 7, doomed: 3 };

/** How long jobs work, in milliseconds; those of other types not at all. */
const WORK: Partial<Record<JobType, [least: number, most: number]>> = {
  slow: [20, 200],
  long: [2000, 3000],
  // Longer than a lock lives that nobody keeps, and two looks for stalled jobs take.
  lasting: [26_000, 28_000],
};

/** How long jobs are delayed; those of other types not at all. */
const DELAY: Partial<Record<JobType, [least: number, most: number]>> = { later: [300, 3000] };

/** Every job of a plan, the same for the same seed. */
export function planJobs({ seed, jobs, mix, among = {} }: JobPlan): PlannedJob[] {
  const random = createRandom(`${seed} jobs`);
  const types = Array.from({ length: jobs }, () => random.weighted(mix));
  const places = types.map((_type, index) => index);
  for (const [type, times] of Object.entries(among) as [JobType, number][]) {
    for (let time = 0; time < times; time += 1) {
      const [place] = places.splice(random.integer(0, places.length - 1), 1);
      types[place!] = type;
    }
  }
  return types.map((type, index) => {
    const draw = (range: [least: number, most: number] = [0, 0]) => random.integer(...range);
    return { key: `${type}-${index + 1}`, type, workMs: draw(WORK[type]), delayMs: draw(DELAY[type]) };
  });
}
