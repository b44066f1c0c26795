import type { DeadLetterSummary, QueueSummary, Snapshot, WorkerSummary } from '../../src/jobs/snapshot-types.ts';

/** When all of these were taken. */
export const AT = new Date('2026-03-14T09:41:07.000Z');

const ago = (ms: number): Date => new Date(AT.getTime() - ms);
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const queue = (name: string, changes: Partial<QueueSummary> = {}): QueueSummary => ({
  name,
  paused: false,
  pausedBy: null,
  pausedAt: null,
  concurrency: null,
  rate: null,
  waiting: 0,
  active: 0,
  delayed: 0,
  completed: 0,
  failed: 0,
  workers: 1,
  foreignWorkers: 0,
  slots: 5,
  today: { completed: 0, failed: 0, dead: 0 },
  ever: { completed: 0, failed: 0, dead: 0 },
  memoryBytes: 84 * 1024,
  oldestWaitingMs: null,
  addedPerSecond: null,
  completedPerSecond: 0,
  failedPerSecond: 0,
  deadPerSecond: 0,
  errorRate: null,
  p50Ms: null,
  p95Ms: null,
  waitP50Ms: null,
  waitP95Ms: null,
  drainMs: null,
  growthPerSecond: null,
  history: Array.from({ length: 30 }, () => 0),
  failedHistory: Array.from({ length: 30 }, () => 0),
  types: [],
  ...changes,
});

export const worker = (pid: number, changes: Partial<WorkerSummary> = {}): WorkerSummary => ({
  id: `web-1/${pid}`,
  host: 'web-1',
  pid,
  queues: ['email'],
  slotsByQueue: { email: 5 },
  slots: 5,
  busy: 0,
  rssBytes: 212 * 1024 ** 2,
  loopDelayMs: 3,
  completed: 48_213,
  failed: 96,
  completedPerSecond: 92,
  failedPerSecond: 0.4,
  startedAt: ago(4 * DAY),
  beatAt: ago(SECOND),
  state: 'running',
  ...changes,
});

export const deadLetter = (id: string, changes: Partial<DeadLetterSummary> = {}): DeadLetterSummary => ({
  id,
  type: 'send-email',
  queue: 'email',
  attempts: 5,
  diedAt: ago(25 * MINUTE),
  error: 'TimeoutError: no reply from smtp.acme.test:587 after 30000 ms',
  ...changes,
});

export function snapshot(changes: Partial<Snapshot> = {}): Snapshot {
  const queues = changes.queues ?? [];
  const sum = (field: 'waiting' | 'active' | 'delayed' | 'completed' | 'failed') =>
    queues.reduce((total, each) => total + each[field], 0);
  const rate = (field: 'completedPerSecond' | 'failedPerSecond' | 'deadPerSecond') =>
    queues.reduce((total, each) => total + (each[field] ?? 0), 0);
  return {
    at: AT,
    redis: {
      label: 'redis://10.0.0.5:6379/0',
      version: '7.4.1',
      usedMemoryBytes: 212 * 1024 ** 2,
      maxMemoryBytes: 1024 ** 3,
      roundTripMs: 2,
    },
    queues,
    workers: [],
    deadLetters: [],
    totals: {
      waiting: sum('waiting'),
      active: sum('active'),
      delayed: sum('delayed'),
      completed: sum('completed'),
      failed: sum('failed'),
      addedPerSecond: null,
      completedPerSecond: rate('completedPerSecond'),
      failedPerSecond: rate('failedPerSecond'),
      deadPerSecond: rate('deadPerSecond'),
      errorRate: null,
      p50Ms: null,
      p95Ms: null,
      today: { completed: 1_204_551, failed: 18_030, dead: 211 },
      ever: { completed: 88_120_455, failed: 1_204_000, dead: 9120 },
      oldestWaitingMs: null,
    },
    ...changes,
  };
}

const rising = Array.from({ length: 30 }, (_, index) => 100 + index * 40);
const steady = Array.from({ length: 30 }, (_, index) => 200 + (index % 3) * 10);

/** A busy shop: a growing queue, a paused one, one that nobody listens to, a worker that is gone. */
export const busySnapshot = (): Snapshot =>
  snapshot({
    queues: [
      queue('billing', {
        waiting: 41,
        workers: 0,
        slots: 0,
        oldestWaitingMs: 3 * MINUTE,
        completedPerSecond: null,
        failedPerSecond: null,
        today: null,
        ever: null,
        memoryBytes: null,
      }),
      queue('email', {
        waiting: 1021,
        active: 12,
        delayed: 4,
        completed: 9_120_455,
        failed: 1038,
        workers: 3,
        slots: 20,
        today: { completed: 1_204_551, failed: 18_030, dead: 211 },
        ever: { completed: 88_120_455, failed: 1_204_000, dead: 9120 },
        memoryBytes: 131 * 1024 ** 2,
        oldestWaitingMs: 6 * SECOND,
        addedPerSecond: 250,
        completedPerSecond: 212,
        failedPerSecond: 4.1,
        deadPerSecond: 0.5,
        growthPerSecond: 37.5,
        waitP50Ms: 900,
        waitP95Ms: 5800,
        errorRate: 0.019,
        p50Ms: 180,
        p95Ms: 1900,
        history: rising,
      }),
      queue('reports', {
        paused: true,
        pausedBy: 'ana@web-1',
        pausedAt: ago(14 * MINUTE),
        waiting: 88,
        delayed: 6,
        oldestWaitingMs: 14 * MINUTE,
      }),
      queue('thumbnails', {
        waiting: 12,
        active: 5,
        completed: 45_200,
        failed: 2,
        workers: 2,
        slots: 10,
        oldestWaitingMs: 400,
        addedPerSecond: 18,
        completedPerSecond: 20,
        failedPerSecond: 0,
        growthPerSecond: -2,
        drainMs: 6 * SECOND,
        waitP95Ms: 400,
        errorRate: 0,
        p50Ms: 2100,
        p95Ms: 4800,
        history: steady,
      }),
    ],
    workers: [
      worker(2210, { busy: 5, loopDelayMs: 3 }),
      worker(3411, {
        id: 'web-2/3411',
        host: 'web-2',
        slots: 10,
        busy: 4,
        queues: ['email', 'thumbnails'],
        state: 'stopping',
        rssBytes: 301 * 1024 ** 2,
        completedPerSecond: 140,
        failedPerSecond: 3.2,
      }),
      worker(1102, {
        id: 'web-3/1102',
        host: 'web-3',
        busy: 3,
        completedPerSecond: null,
        failedPerSecond: null,
        beatAt: ago(31 * SECOND),
        startedAt: ago(2 * HOUR),
        state: 'lost',
      }),
    ],
    deadLetters: [
      deadLetter('0195939c8a2b7d3e9f00aa11bb22cc33', { diedAt: ago(4 * SECOND) }),
      deadLetter('0195939c8a2b7d3e9f00aa11bb22cc44', { diedAt: ago(25 * MINUTE) }),
      deadLetter('88031', { attempts: 1, diedAt: ago(9 * MINUTE), error: 'SMTP 550 mailbox unavailable' }),
      deadLetter('7', {
        type: 'image/resize',
        queue: 'thumbnails',
        attempts: 3,
        diedAt: ago(2 * DAY),
        error: 'RangeError: image 0x0',
      }),
    ],
  });
