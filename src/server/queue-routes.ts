import { A_FEW } from '../broker/queue-memory.ts';
import { pauseQueue, resumeQueue } from '../jobs/pause-queue.ts';
import { listQueues, listWorkers } from '../jobs/snapshot.ts';
import { flag, listOf, record, string } from './answer-schemas.ts';
import { type Route, route } from './route.ts';
import { object, queueName } from './schema.ts';

const queueParams = object('a path', { name: queueName }, ['name']);

const change = (word: 'pause' | 'resume', summary: string): Route => {
  const paused = word === 'pause';
  return route({
    method: 'POST',
    url: `/api/queues/:name/${word}`,
    scope: 'operate',
    perQueue: true,
    operation: `${word}Queue`,
    tag: 'queues',
    summary,
    schema: { params: queueParams },
    answers: {
      200: {
        description: 'How it is now',
        schema: record({ name: string('Its name'), paused: flag('Whether workers may take none of its jobs') }),
        example: { name: 'mail', paused },
      },
    },
    errors: ['UNKNOWN_QUEUE'],
    async handle({ project }, { params: { name } }) {
      await (paused ? pauseQueue : resumeQueue)(project, name);
      return { name, paused };
    },
  });
};

const QUEUE = {
  name: 'mail',
  waiting: 12,
  active: 5,
  delayed: 0,
  completed: 9034,
  failed: 3,
  paused: false,
  pausedBy: null,
  pausedAt: null,
  concurrency: null,
  rate: null,
  workers: 1,
  foreignWorkers: 0,
  slots: 5,
  today: { completed: 840_112, failed: 41, dead: 3 },
  ever: { completed: 90_334_871, failed: 7120, dead: 218 },
  memoryBytes: 9_412_608,
  oldestWaitingMs: 840,
  addedPerSecond: 30.2,
  completedPerSecond: 31.5,
  failedPerSecond: 0,
  deadPerSecond: 0,
  errorRate: 0,
  p50Ms: 42,
  p95Ms: 120,
  waitP50Ms: 70,
  waitP95Ms: 310,
  drainMs: 9231,
  growthPerSecond: -1.3,
  history: Array.from({ length: 30 }, () => 315),
  failedHistory: Array.from({ length: 30 }, () => 0),
  types: [{ type: 'send-email', completedPerSecond: 31.5, failedPerSecond: 0, errorRate: 0, p50Ms: 42, p95Ms: 120 }],
};

const WORKER = {
  id: 'host-1/812',
  host: 'host-1',
  pid: 812,
  queues: ['mail'],
  slotsByQueue: { mail: 5 },
  slots: 5,
  busy: 5,
  rssBytes: 104_857_600,
  loopDelayMs: 1,
  completed: 61_402,
  failed: 17,
  completedPerSecond: 31.5,
  failedPerSecond: 0,
  startedAt: '2026-01-31T08:00:00.000Z',
  beatAt: '2026-01-31T09:05:00.000Z',
  state: 'running',
};

export const QUEUE_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    url: '/api/queues',
    scope: 'read',
    perQueue: true,
    operation: 'listQueues',
    tag: 'queues',
    summary: 'List the queues with what waits, runs and is dead in each',
    answers: {
      200: { description: 'All of them', schema: record({ queues: listOf('Queue') }), example: { queues: [QUEUE] } },
    },
    handle: async ({ project }) => ({ queues: await listQueues(project, A_FEW) }),
  }),
  change('pause', 'Let workers take no more jobs of a queue; what runs goes on'),
  change('resume', 'Let workers take its jobs again'),
  route({
    method: 'GET',
    url: '/api/workers',
    scope: 'read',
    operation: 'listWorkers',
    tag: 'queues',
    summary: 'List the workers and how busy they are',
    answers: {
      200: {
        description: 'All of them',
        schema: record({ workers: listOf('Worker') }),
        example: { workers: [WORKER] },
      },
    },
    handle: async ({ project }) => ({ workers: await listWorkers(project) }),
  }),
];
