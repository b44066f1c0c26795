import { readLocks } from '../broker/read-jobs.ts';
import type { Job } from './job.ts';
import type { Project } from './project.ts';

/** A job that runs, with how long (ms) its worker holds it unless it is heard of again; 0 when nobody does: it will be put back. */
export interface HeldJob extends Job {
  heldMs: number;
}

/** Jobs that run, with how long they are held yet. Cost: one round trip. */
export async function withHoldTimes({ broker }: Project, jobs: readonly Job[]): Promise<HeldJob[]> {
  const times = jobs.length === 0 ? [] : await readLocks(broker, jobs);
  return jobs.map((job, index) => ({ ...job, heldMs: times[index]! }));
}
