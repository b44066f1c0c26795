// What the API description shows.

const payload = { to: 'ada@example.com', subject: 'Hello' };

export const NEW_JOB = { type: 'send-email', payload, options: { delay: '5m', attempts: 3 } } as const;

export const JOB = {
  id: 'j_0199b2f0c4d87e5f8a31b6c2d4e5f607',
  type: 'send-email',
  queue: 'default',
  payload,
  status: 'completed',
  state: 'completed',
  attempts: 1,
  maxAttempts: 3,
  priority: 0,
  nextRunAt: null,
  createdAt: '2026-01-31T09:00:00.000Z',
  updatedAt: '2026-01-31T09:05:00.412Z',
  startedAt: '2026-01-31T09:05:00.004Z',
  finishedAt: '2026-01-31T09:05:00.412Z',
  progress: 100,
  result: { messageId: '<1@example.com>' },
  error: null,
} as const;

export const NEW = {
  ...JOB,
  status: 'pending',
  state: 'waiting',
  attempts: 0,
  updatedAt: JOB.createdAt,
  startedAt: null,
  finishedAt: null,
  progress: 0,
  result: null,
} as const;
export const DEAD = {
  ...JOB,
  status: 'failed',
  state: 'failed',
  attempts: 3,
  progress: 0,
  result: null,
  error: 'connect ECONNREFUSED 192.0.2.7:25',
} as const;
