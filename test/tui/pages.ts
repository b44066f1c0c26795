import type { ScheduleRecord } from '../../src/broker/schedules.ts';
import type { Connection } from '../../src/jobs/connections.ts';
import type { DeadLetterGroup } from '../../src/jobs/group-dead-letters.ts';
import { type Job, JOB_STATES, type JobDetail, type JobState } from '../../src/jobs/job.ts';
import { statusOf } from '../../src/jobs/job.ts';
import type { WatchedEvent } from '../../src/jobs/watch-events.ts';
import type { Hour, TypeHour } from '../../src/jobs/hour-of-types.ts';
import { addTo } from '../../src/lib/histogram.ts';
import type { RedisFacts } from '../../src/jobs/redis-facts.ts';
import type { Page } from '../../src/tui/data/page.ts';
import { relativesOf } from '../../src/tui/screens/flow.ts';
import type { Place } from '../../src/tui/places.ts';
import { AT } from './snapshots.ts';

const ago = (ms: number): Date => new Date(AT.getTime() - ms);

export const job = (id: string, changes: Partial<Job> = {}): Job => {
  const state: JobState = changes.state ?? 'failed';
  return {
    id,
    type: 'send-email',
    queue: 'email',
    payload: null,
    status: statusOf(state),
    state,
    attempts: 5,
    maxAttempts: 5,
    priority: 0,
    nextRunAt: state === 'delayed' ? new Date(AT.getTime() + 90_000) : null,
    createdAt: ago(3_600_000),
    updatedAt: ago(1_500_000),
    startedAt: ago(1_530_000),
    finishedAt: ago(1_500_000),
    progress: state === 'active' ? 70 : 0,
    result: null,
    error: 'TimeoutError: no reply from smtp.acme.test:587 after 30000 ms',
    ...changes,
  };
};

export const detailOf = (changes: Partial<JobDetail> = {}): JobDetail => ({
  ...job('88012'),
  payload: { to: 'ana@acme.test', template: 'welcome', token: 'hunter2', list: [{ password: 'hunter3' }] },
  failures: [
    {
      attempt: 5,
      at: ago(1_530_000),
      worker: 'web-3/1102',
      durationMs: 30_000,
      error: 'TimeoutError: no reply from smtp.acme.test:587 after 30000 ms',
      stack: [
        'at Mailer.send (src/jobs/send-email.ts:41:11)',
        'at connect (node_modules/nodemailer/lib/smtp.js:12:3)',
        'at open (node_modules/nodemailer/lib/smtp.js:99:3)',
        'at run (src/worker.ts:118:20)',
      ],
    },
  ],
  logs: ['2026-03-14T09:15:09.000Z INFO connecting', '2026-03-14T09:15:39.000Z WARN no reply'],
  replays: 0,
  addedBy: 'api-1',
  firstDueAt: null,
  starts: 5,
  lastReplay: null,
  options: { attempts: 5, backoff: { type: 'exponential', delay: 2000 } },
  parent: null,
  children: [],
  childCount: 0,
  ...changes,
});

export const group = (fingerprint: string, changes: Partial<DeadLetterGroup> = {}): DeadLetterGroup => ({
  fingerprint,
  type: 'send-email',
  errorName: 'TimeoutError',
  error: 'no reply from smtp.acme.test:<n> after <n> ms',
  count: 1021,
  queues: ['email'],
  firstAt: ago(7_200_000),
  lastAt: ago(4000),
  trend: Array.from({ length: 24 }, (_, index) => index),
  sampleId: '88012',
  ...changes,
});

export const event = (key: string, changes: Partial<WatchedEvent> = {}): WatchedEvent => ({
  key,
  at: ago(1000),
  queue: 'email',
  name: 'failed',
  jobId: '88012',
  detail: 'no reply',
  ...changes,
});

/** All that a list has. */
export const pageOf = (rows: readonly unknown[], changes: Partial<Page> = {}): Page => ({
  rows,
  start: 0,
  count: rows.length,
  total: rows.length,
  whole: true,
  at: AT.getTime(),
  ...changes,
});

const counts = Object.fromEntries(JOB_STATES.map((state, index) => [state, index * 1000])) as Record<JobState, number>;

const family = detailOf({
  parent: { queue: 'orders', id: '12' },
  children: [{ queue: 'mail', id: '7', became: 'failed' }],
  childCount: 1,
});

const schedule = (id: string, changes: Partial<ScheduleRecord> = {}): ScheduleRecord => ({
  queue: 'email',
  id,
  type: 'report',
  pattern: '0 3 * * *',
  everyMs: null,
  timezone: 'Europe/Berlin',
  nextAt: AT.getTime() + 5 * 3_600_000,
  endsAt: null,
  runs: 1204,
  limit: null,
  ...changes,
});
const LATE = { pattern: null, timezone: null, everyMs: 90_000, nextAt: AT.getTime() - 600_000, limit: 5000 };

const connection = (key: string, changes: Partial<Connection> = {}): Connection => ({
  key,
  queue: 'email',
  worker: null,
  waitsFor: 'jobs',
  address: '10.0.0.7:50312',
  ageMs: 7_200_000,
  idleMs: 0,
  command: 'bzpopmin',
  ...changes,
});

const redisFacts: RedisFacts = {
  version: '7.4.1',
  mode: 'standalone',
  role: 'master',
  replicas: 1,
  upMs: 12 * 86_400_000,
  usedBytes: 212 * 1024 ** 2,
  peakBytes: 305 * 1024 ** 2,
  maxBytes: 1024 ** 3,
  evictionPolicy: 'noeviction',
  fragmentation: 1.07,
  clients: 41,
  blockedClients: 12,
  commandsPerSecond: 8123,
  hitRate: 0.987,
  evictedKeys: 0,
  appendOnly: true,
  isSaved: true,
};

/** Run times between 40 ms and 2 s, more of the short ones. */
const spread = (amount: number): number[] => {
  const histogram: number[] = [];
  for (let bin = 22; bin < 45; bin += 1) addTo(histogram, bin, Math.ceil(amount / (bin - 21) ** 2));
  return histogram;
};

export const typeHour = (type: string, changes: Partial<TypeHour> = {}): TypeHour => ({
  queue: 'email',
  type,
  ok: 12_345,
  failed: 240,
  dead: 3,
  runMs: 1_510_000,
  run: spread(8000),
  wait: spread(300),
  okByMinute: Array.from({ length: 60 }, (_, minute) => 150 + ((minute * 37) % 110)),
  failedByMinute: Array.from({ length: 60 }, (_, minute) => (minute % 15 === 3 ? 60 : 0)),
  runMsByMinute: Array.from({ length: 60 }, (_, minute) => 20_000 + minute * 300),
  ...changes,
});

const NONE = {
  ok: 0,
  failed: 0,
  dead: 0,
  runMs: 0,
  run: [],
  wait: [],
  okByMinute: [],
  failedByMinute: [],
  runMsByMinute: [],
};

export const hour: Hour = {
  types: [
    typeHour('send-email'),
    typeHour('größe-数', { queue: 'a-queue-with-a-long-name', failed: 0, dead: 0, runMs: 41 * 3_600_000 }),
    // Written by hand, or half read.
    typeHour('nothing', { ...NONE, okByMinute: Array.from({ length: 60 }, () => 0) }),
  ],
  since: AT.getTime() - 3_667_000,
  at: AT.getTime(),
  part: 1,
};
const ofEmail = hour.types.slice(0, 1);

/** One place of each kind, with what it shows; those without a page show the snapshot. */
export const PLACES: readonly (readonly [name: string, place: Place, page?: Page])[] = [
  ['queues', { screen: 'queues' }],
  ...JOB_STATES.map((state) => {
    const jobs = [
      job('88012', { state }),
      job('88013', { state, type: 'größe-数', queue: 'a-queue-with-a-long-name' }),
    ];
    return [`${state} jobs`, { screen: 'jobs', state }, pageOf(jobs, { counts })] as const;
  }),
  [
    'all jobs',
    { screen: 'jobs', state: 'all' },
    pageOf(
      JOB_STATES.map((state, index) =>
        job(`8801${index}`, { state, updatedAt: ago(index * 60_000), ...(index < 5 && { error: null }) }),
      ),
      { counts },
    ),
  ],
  ['jobs of a queue', { screen: 'jobs', queue: 'email', state: 'failed' }, pageOf([job('88012')], { counts })],
  ['groups', { screen: 'groups' }, pageOf([group('5c1f0a9be377'), group('1c445c472e5c', { count: 17 })])],
  [
    'letters',
    { screen: 'letters', group: '5c1f0a9be377', type: 'send-email', error: 'TimeoutError: no reply' },
    pageOf([job('88012'), job('88013')]),
  ],
  ['workers', { screen: 'workers' }],
  ['events', { screen: 'events' }, pageOf([event('a'), event('b', { name: 'completed', detail: '{"ok":true}' })])],
  ['flow', { screen: 'flow', queue: 'email', id: '88012' }, pageOf(relativesOf(family), { job: family })],
  ['schedules', { screen: 'schedules' }, pageOf([schedule('nightly'), schedule('größe-数', LATE)])],
  ['types', { screen: 'types' }, { ...pageOf(hour.types), hour: { ...hour, part: 0.42 } }],
  ['types of a queue', { screen: 'types', queue: 'email' }, { ...pageOf(ofEmail), hour: { ...hour, types: ofEmail } }],
  ['a type', { screen: 'type', queue: 'email', type: 'send-email' }, { ...pageOf([]), hour }],
  [
    'connections',
    { screen: 'connections' },
    pageOf([
      connection('7', { queue: 'größe-数', worker: 'a-worker-with-a-long-name', address: '[2001:db8::7:1]:50312' }),
      connection('8', { waitsFor: 'events', command: 'xread', idleMs: 4000 }),
    ]),
  ],
  ['redis', { screen: 'redis' }, { ...pageOf([]), redis: [redisFacts] }],
  ['job', { screen: 'job', queue: 'email', id: '88012', tab: 'overview' }, { ...pageOf([]), job: detailOf() }],
];
