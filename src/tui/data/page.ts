import type { JobDetail, JobState } from '../../jobs/job.ts';
import type { Hour } from '../../jobs/hour-of-types.ts';
import type { RedisFacts } from '../../jobs/redis-facts.ts';
import type { Sort } from '../state.ts';
import type { Place } from '../places.ts';

/** What a place shows beyond the snapshot: only what is visible of it, where a list may be long. */
export interface Page {
  rows: readonly unknown[];
  /** How many rows stand before the first one. */
  start: number;
  /** How many the cursor can go over. */
  count: number;
  /** How many there are; null when that was not counted. */
  total: number | null;
  /** The rows are all that the cursor can go over, so they can be put in any order. */
  whole: boolean;
  counts?: Readonly<Record<JobState, number>>;
  /** Of a queue: for how long yet its rate lets no job start. */
  limitedMs?: number;
  job?: JobDetail;
  /** What ran in the last hour. */
  hour?: Hour;
  /** Of the servers that are looked at. */
  redis?: readonly RedisFacts[];
  /** What is not shown, and why. */
  note?: string;
  /** Why there is nothing. */
  problem?: string;
  at: number;
  /** What it answers. */
  request?: PageRequest;
}

/** Which page is wanted. */
export interface PageRequest {
  place: Place;
  filter: string;
  sort: Sort;
  wide: boolean;
  start: number;
  amount: number;
}
