import { JOB_STATES, type JobState } from '../broker/job-state.ts';
import type { Relations } from '../broker/read-relations.ts';
import type { Json } from '../lib/json.ts';

export { JOB_STATES, type JobState };

/** The four words of the API, each with the states that it covers. */
export const STATUS_STATES = {
  pending: ['waiting', 'prioritized', 'delayed', 'waiting-children'],
  processing: ['active'],
  completed: ['completed'],
  failed: ['failed'],
} as const satisfies Record<string, readonly JobState[]>;
export type JobStatus = keyof typeof STATUS_STATES;

export const statusOf = (state: JobState): JobStatus =>
  (Object.keys(STATUS_STATES) as JobStatus[]).find((status) =>
    (STATUS_STATES[status] as readonly JobState[]).includes(state),
  )!;

/** A job as people and programs see it, on every surface. Times are null where they do not apply; as JSON they are RFC 3339. */
export interface Job {
  id: string;
  type: string;
  queue: string;
  payload: Json;
  status: JobStatus;
  state: JobState;
  /** Attempts used. */
  attempts: number;
  maxAttempts: number;
  /** 0 is none; 1 comes first among those that have one. */
  priority: number;
  /** When a delayed job becomes due. */
  nextRunAt: Date | null;
  createdAt: Date;
  /** The latest of all times known of the job. */
  updatedAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
  /** A percentage, or whatever a plain BullMQ handler reported. */
  progress: Json;
  /** What the handler returned; null until then. */
  result: Json;
  /** The message of the last failed attempt. */
  error: string | null;
}

/** One failed attempt, as the worker wrote it with the state change. Lines of plain BullMQ workers have only `error`. */
export interface AttemptFailure {
  attempt: number | null;
  at: Date | null;
  /** `host/pid` of the worker. */
  worker: string | null;
  durationMs: number | null;
  error: string;
  /** Stack lines under the message. */
  stack: string[];
}

/** A job with what `jq jobs show` adds. */
export interface JobDetail extends Job, Relations {
  failures: AttemptFailure[];
  logs: string[];
  /** Times it was replayed from the dead letters. */
  replays: number;
  /** Who added it, where that is known. */
  addedBy: string | null;
  /** When it was to run for the first time; null without a delay. */
  firstDueAt: Date | null;
  /** Times it was started, replays included; those that no attempt counts were put back, snoozed or lost. */
  starts: number;
  /** The last replay, as far as it is known. */
  lastReplay: { at: Date | null; by: string | null } | null;
}
