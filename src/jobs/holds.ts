import { type Hold, readHolds } from '../broker/read-jobs.ts';
import type { Job } from './job.ts';
import type { Project } from './project.ts';

/** A job that runs, with how its worker holds it. */
export interface HeldJob extends Job, Hold {}

/** Jobs that run, with how they are held. Cost: one round trip. */
export async function withHolds({ broker }: Project, jobs: readonly Job[]): Promise<HeldJob[]> {
  const holds = jobs.length === 0 ? [] : await readHolds(broker, jobs);
  return jobs.map((job, index) => ({ ...job, ...holds[index]! }));
}
