import type { Outcomes } from '../broker/outcomes.ts';
import type { WorkerState } from '../broker/worker-records.ts';
/** What `jq top`, `jq stats` and `jq queues list` show: the state of one Redis at one moment. */
export interface Snapshot {
  at: Date;
  redis: { label: string; version: string; usedMemoryBytes: number; maxMemoryBytes: number; roundTripMs: number };
  queues: QueueSummary[];
  workers: WorkerSummary[];
  /** The newest dead letters over all queues. */
  deadLetters: DeadLetterSummary[];
  /** Over all queues; the age is the longest of theirs. */
  totals: QueueCounts & QueueFigures;
}

export interface QueueCounts {
  /** Waiting and prioritized jobs. */
  waiting: number;
  active: number;
  delayed: number;
  completed: number;
  /** Dead letters. */
  failed: number;
}

/** How work goes; null where nobody reported it. */
export interface QueueFigures {
  /** Age of the job at the head of the waiting list. */
  oldestWaitingMs: number | null;
  /** Jobs added in the last minute, per second; null when it was not looked at for long enough. */
  addedPerSecond: number | null;
  /** Attempts that ended in the last minute, per second; null when no worker of ours reported on this queue. */
  completedPerSecond: number | null;
  failedPerSecond: number | null;
  /** Jobs that died in the last minute, per second. */
  deadPerSecond: number | null;
  /** Failed attempts of all attempts in the last minute, 0 to 1. */
  errorRate: number | null;
  /** Run time of the attempts of the last five minutes, in milliseconds. */
  p50Ms: number | null;
  p95Ms: number | null;
  /** Attempts that ended since midnight, UTC, and since the beginning; null when no worker of ours ever reported any. */
  today: Outcomes | null;
  ever: Outcomes | null;
}

export interface QueueSummary extends QueueCounts, QueueFigures {
  name: string;
  paused: boolean;
  /** Who paused it and when, if a program of ours did. */
  pausedBy: string | null;
  pausedAt: Date | null;
  /** What all workers together may run at a time, and start in a time. */
  concurrency: number | null;
  rate: { max: number; perMs: number } | null;
  /** Live workers that listen to this queue, and their slots. */
  workers: number;
  slots: number;
  /** Workers of other BullMQ programs that wait for its jobs, by their connections; null when that was not looked at. */
  foreignWorkers: number | null;
  /** About what it takes of the memory of Redis; null when that was not measured, or is not allowed. */
  memoryBytes: number | null;
  /** Time from when a job was due to its first start, of those of the last five minutes, in milliseconds. */
  waitP50Ms: number | null;
  waitP95Ms: number | null;
  /** When nothing will wait any more if it goes on as in the last minute; null when that is not known, or never. */
  drainMs: number | null;
  /** By how many jobs a second that wait it grows, or below 0 shrinks; null when that is not known. */
  growthPerSecond: number | null;
  /** Attempts completed, and failed, in each 10 s of the last five minutes, oldest first: 30 numbers. */
  history: number[];
  failedHistory: number[];
  /** The types of the last five minutes, the busiest first; ten at most. */
  types: TypeSummary[];
}

/** What became of the attempts of one type in one queue: rates of the last minute, times of the last five. */
export interface TypeSummary {
  type: string;
  completedPerSecond: number;
  failedPerSecond: number;
  errorRate: number | null;
  p50Ms: number | null;
  p95Ms: number | null;
}

export interface WorkerSummary {
  /** `host/pid`. */
  id: string;
  host: string;
  pid: number;
  queues: string[];
  slotsByQueue: Record<string, number>;
  slots: number;
  busy: number;
  rssBytes: number;
  loopDelayMs: number;
  /** Attempts that ended in it since it started; null of one of a version that does not tell. */
  completed: number | null;
  failed: number | null;
  /** The same in the last minute, per second; null also when it is lost. */
  completedPerSecond: number | null;
  failedPerSecond: number | null;
  startedAt: Date;
  beatAt: Date;
  state: WorkerState | 'lost';
}

export interface DeadLetterSummary {
  id: string;
  type: string;
  queue: string;
  attempts: number;
  diedAt: Date;
  error: string;
}
