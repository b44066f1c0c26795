import { describe, expect, it } from 'vitest';
import { renderJob } from '../../commands/jobs/render-job.ts';
import { foldFrames } from '../../src/jobs/fold-frames.ts';
import type { JobDetail } from '../../src/jobs/job.ts';

const at = (second: number) => new Date(Date.UTC(2030, 0, 31, 9, 0, second));
const JOB: JobDetail = {
  id: 'j_1',
  type: 'send-email',
  queue: 'mail',
  payload: { to: 'ana@example.com' },
  status: 'pending',
  state: 'delayed',
  attempts: 1,
  maxAttempts: 3,
  priority: 2,
  nextRunAt: at(9),
  createdAt: at(0),
  updatedAt: at(3),
  startedAt: at(2),
  finishedAt: null,
  progress: 40,
  result: null,
  error: 'SMTP 421\u001b[2J',
  failures: [
    {
      attempt: 1,
      at: at(3),
      worker: 'web-1/2210',
      durationMs: 812,
      error: 'SMTP 421\u001b[2J',
      stack: ['at send (/app/handlers/send-email.ts:3:9)', 'at runJob (/app/dist/program.cjs:1:1)'],
    },
  ],
  logs: ['2030-01-31T09:00:02.100Z info connecting'],
  replays: 1,
  addedBy: 'ana@web-1',
  firstDueAt: at(1),
  starts: 3,
  options: {},
  parent: null,
  children: [],
  childCount: 0,
  lastReplay: { at: at(5), by: 'bob@web-1\u001b[2J' },
};

it('tells the life of a job in order, clean', () => {
  expect(renderJob(JOB, { paint: (_style, text) => text, relative: false })).toBe(`send-email  delayed  1/3 attempts

  id        j_1
  queue     mail
  priority  2
  progress  40%
  replays   1
  starts    3

Timeline
  2030-01-31T09:00:00.000Z  added        by ana@web-1
  2030-01-31T09:00:01.000Z  due          delayed 1.0s
  2030-01-31T09:00:02.100Z  log          info connecting
  2030-01-31T09:00:03.000Z  attempt 1    web-1/2210  waited 2.0s  ran 812ms  SMTP 421\\u{1b}[2J
  2030-01-31T09:00:05.000Z  replayed     by bob@web-1\\u{1b}[2J
  2030-01-31T09:00:09.000Z  due again

Payload
  {
    "to": "ana@example.com"
  }

Error
  SMTP 421\\u{1b}[2J
    at send (/app/handlers/send-email.ts:3:9)
`);
});

it('an attempt after a replay has waited since then', () => {
  const [first] = JOB.failures;
  const failures = [first!, { ...first!, at: at(8) }];
  expect(renderJob({ ...JOB, failures }, { paint: (_style, text) => text, relative: false })).toContain(
    '2030-01-31T09:00:08.000Z  attempt 1    web-1/2210  waited 3.0s  ran 812ms',
  );
});

describe('foldFrames', () => {
  it('folds runs of packages, and leaves out all below the handler', () => {
    expect(
      foldFrames([
        'at parse (/app/node_modules/mime/index.js:1:1)',
        'at read (node:internal/fs:2:2)',
        'at send (/app/handlers/send-email.ts:3:9)',
        'at emit (node:internal/events:4:4)',
        'at async runJob (/app/dist/program.cjs:1:1)',
        'at processTicks (node:internal/process:5:5)',
      ]),
    ).toEqual(['  … 2 frames of packages', '  at send (/app/handlers/send-email.ts:3:9)', '  … 1 frame of packages']);
  });
});
