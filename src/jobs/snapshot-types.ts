import type { WorkerState } from '../broker/worker-records.ts';
/** What `jq top`, `jq stats` and `jq queues list` show: the state of one Redis at one moment. */
export interface Snapshot {
  at: Date;
  redis: { label: string; version: string; usedMemoryBytes: number; maxMemoryBytes: number; roundTripMs: number };
  queues: QueueSummary[];
  workers: WorkerSummary[];
  /** The newest dead letters over all queues. */
  deadLetters: DeadLetterSummary[];
  totals: QueueCounts & { completedPerSecond: number | null; failedPerSecond: number | null };
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

export interface QueueSummary extends QueueCounts {
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
  /** Age of the oldest waiting job. */
  oldestWaitingMs: number | null;
  /** Attempts that ended in the last minute, per second; null when no worker of ours reported on this queue. */
  completedPerSecond: number | null;
  failedPerSecond: number | null;
  /** Failed attempts of all attempts in the last minute, 0 to 1. */
  errorRate: number | null;
  /** Run time of the attempts of the last five minutes, in milliseconds. */
  p50Ms: number | null;
  p95Ms: number | null;
  /** Attempts completed in each 10 s of the last five minutes, oldest first: 30 numbers. */
  history: number[];
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
